/**
 * Keeps the keyboard's place. The focused element may be taken away, as a row is when another page comes; the browser then goes
 * back to the start of the document. The nearest place around it that is still there takes the focus instead.
 */
export function keepFocus(root: HTMLElement): void {
  let path: readonly HTMLElement[] = [];
  addEventListener('focusin', ({ target }) => {
    path = placesAround(target as HTMLElement);
  });
  addEventListener('focusout', ({ target }) => {
    // One that is left by hand is not missed.
    queueMicrotask(() => {
      if ((target as HTMLElement).isConnected && document.activeElement === document.body) path = [];
    });
  });
  new MutationObserver(() => {
    if (path[0]?.isConnected !== false || document.activeElement !== document.body) return;
    const place = path.find((one) => one.isConnected && one.hasAttribute('tabindex'));
    path = [];
    place?.focus({ preventScroll: true });
  }).observe(root, { childList: true, subtree: true });
}

function placesAround(element: HTMLElement): HTMLElement[] {
  const places: HTMLElement[] = [];
  for (let one: HTMLElement | null = element; one !== null; one = one.parentElement) places.push(one);
  return places;
}
