import type { ComponentChildren } from 'preact';

/** What may be wider than its place: it scrolls by itself, by keyboard too, and leaves the page as wide as it is. */
export function Scroll({
  label,
  name = 'scroll',
  onKeyDown,
  children,
}: {
  readonly label: string;
  readonly name?: string;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={name} role="group" aria-label={label} tabIndex={0} {...(onKeyDown && { onKeyDown })}>
      {children}
    </div>
  );
}
