import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Content that may be wider than its place: it scrolls by itself, by keyboard too, and leaves the page as wide as it is. */
export function Scroll({
  label,
  name = 'scroll',
  content,
  onKeyDown,
  children,
}: {
  readonly label: string;
  readonly name?: string;
  /** The identity of its content: other content begins at its top. */
  readonly content?: unknown;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly children: ComponentChildren;
}) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(content);
  useEffect(() => {
    if (before.current === content) return;
    before.current = content;
    // In the frame that lays it out: before that, it would be laid out for this alone.
    requestAnimationFrame(() => place.current?.scrollTo({ top: 0 }));
  }, [content]);
  return (
    <div
      ref={place}
      class={name}
      role="group"
      aria-label={label}
      tabIndex={0}
      {...(onKeyDown && { onKeyDown })}
    >
      {children}
    </div>
  );
}
