import type { SourceObserver } from '../sources/observer.ts';

const events = ['acquired', 'statement', 'created', 'closed', 'timedOut', 'breaker', 'replica'] as const;

/** One observer that passes each event to those of several that have a hook for it. */
export function allOf(...observers: readonly (SourceObserver | undefined)[]): SourceObserver {
  const all: SourceObserver = {};
  for (const event of events) {
    const tells = observers.flatMap((observer) => observer?.[event]?.bind(observer) ?? []) as Tell[];
    if (tells.length === 0) continue;
    const tell: Tell = (source, about, captured) => {
      for (const one of tells) one(source, about, captured);
    };
    Object.assign(all, { [event]: tells.length === 1 ? tells[0] : tell });
  }
  // One observer alone looks at the request: tracing.
  const capture = observers.find((observer) => observer?.capture !== undefined)?.capture;
  if (capture !== undefined) all.capture = capture;
  return all;
}

/** Any event: whose it is, and what it is about. */
type Tell = (source: unknown, about: unknown, captured: unknown) => void;
