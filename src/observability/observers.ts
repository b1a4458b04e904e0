import type { SourceObserver } from '../sources/observer.ts';

const events = ['acquired', 'statement', 'created', 'closed', 'timedOut', 'breaker'] as const;

/** One observer that tells several, of each event those who want it. */
export function allOf(...observers: readonly (SourceObserver | undefined)[]): SourceObserver {
  const all: SourceObserver = {};
  for (const event of events) {
    const told = observers.flatMap((observer) => observer?.[event]?.bind(observer) ?? []) as Tell[];
    if (told.length === 0) continue;
    const tell: Tell = (source, about, captured) => {
      for (const one of told) one(source, about, captured);
    };
    Object.assign(all, { [event]: told.length === 1 ? told[0] : tell });
  }
  // One observer alone looks at the request: tracing.
  const capture = observers.find((observer) => observer?.capture !== undefined)?.capture;
  if (capture !== undefined) all.capture = capture;
  return all;
}

/** Any event: whose it is, and what it is about. */
type Tell = (source: unknown, about: unknown, captured: unknown) => void;
