import type { Log } from '../log/log.ts';
import type { SourceObserver } from '../sources/observer.ts';
import { statementText } from '../sql/redact-statement.ts';

/** Slow statements of a source that are logged in so many milliseconds: one request can have many. */
const mostSlow = 10;
const perMs = 10_000;

interface Options {
  /** Milliseconds from which on a statement is logged; 0: none is. */
  readonly slowStatementMs: number;
  /** Milliseconds on a clock that never turns back. */
  readonly now: () => number;
}

/** Logs slow statements, without their values. */
export function logSlowStatements(
  log: Log,
  { slowStatementMs, now }: Options,
): NonNullable<SourceObserver['statement']> {
  const slow = new Map<string, { since: number; logged: number; leftOut: number }>();
  return (source, { kind, ms, sql, error }) => {
    if (slowStatementMs === 0 || ms < slowStatementMs) return;
    const window = slow.get(source);
    const inWindow = window !== undefined && now() - window.since < perMs;
    if (inWindow && window.logged >= mostSlow) {
      window.leftOut += 1;
      return;
    }
    const leftOut = inWindow || !window?.leftOut ? {} : { leftOut: window.leftOut };
    if (inWindow) window.logged += 1;
    else slow.set(source, { since: now(), logged: 1, leftOut: 0 });
    const failed = error === undefined ? {} : { failed: true };
    // Not under `sql`, which the log holds back wherever it comes from a driver.
    log.warn(
      { source, kind, ms: Math.round(ms), statement: statementText(sql), ...failed, ...leftOut },
      'slow statement',
    );
  };
}
