import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/request.ts';
import { hrefOf } from '../route.ts';
import { viewer } from '../viewer.ts';

/** Something instead of content: empty, loading, failed, forbidden. */
export function Notice({
  kind,
  title,
  children,
}: {
  readonly kind: 'empty' | 'failed' | 'forbidden';
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'failed' ? 'alert' : undefined}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        {kind === 'empty' && <path d="M4 7h16M4 12h10M4 17h13" />}
        {kind === 'failed' && <path d="M12 3 22 20H2ZM12 10v4M12 17v.5" />}
        {kind === 'forbidden' && <path d="M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3" />}
      </svg>
      <div>
        <h2>{title}</h2>
        {children}
      </div>
    </div>
  );
}

/** Errors of an answer with their remedies, each code once. */
export function Failure({
  errors,
  retry,
}: {
  readonly errors: readonly ApiError[];
  readonly retry?: (() => void) | undefined;
}) {
  const distinct = [...new Map(errors.map((error) => [`${error.code} ${error.message}`, error])).values()];
  if (distinct.length === 0) return null;
  return (
    <>
      {distinct.slice(0, 5).map(({ code, message, remedy }) => (
        <Notice key={code + message} kind={code === 'FORBIDDEN' ? 'forbidden' : 'failed'} title={message}>
          {remedy && <p>{remedy}</p>}
          <p class="notice-foot">
            <code>{code}</code>
            {code === 'SCHEMA_OUTDATED' && <a href={hrefOf('schema')}>What differs</a>}
            {retry && (
              <button type="button" onClick={retry}>
                Try again
              </button>
            )}
          </p>
        </Notice>
      ))}
    </>
  );
}

/** The permission that a role lacks for a view. */
export function Forbidden({ feature, what }: { readonly feature: string; readonly what: string }) {
  return (
    <Notice kind="forbidden" title={`Your role may not see ${what}`}>
      <p>
        You act as <code>{viewer.value?.role}</code>. A role needs the feature <code>{feature}</code> for this
        view: an administrator grants it in <code>src/entities/roles.ts</code>.
      </p>
    </Notice>
  );
}

/** Space that is taken before the first answer, so that nothing jumps. */
export function Skeleton({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="hidden-text">Loading</span>
      {Array.from({ length: lines }, (_, at) => (
        <i key={at} />
      ))}
      <p class="late quiet">Waiting for the answer…</p>
    </div>
  );
}
