import type { ComponentChildren } from 'preact';

/** What may be wider than its place: it scrolls by itself, by keyboard too, and leaves the page as wide as it is. */
export function Scroll({
  label,
  name = 'scroll',
  children,
}: {
  readonly label: string;
  readonly name?: string;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys scroll what has the focus
    <section class={name} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
