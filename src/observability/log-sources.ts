import type { Log } from '../log/log.ts';
import type { SourceObserver } from '../sources/observer.ts';
import { logSlowStatements } from './log-slow-statements.ts';

/** Milliseconds for which a time-out that comes again is counted, and not logged. */
const quiet = 10_000;

export interface LogSourcesOptions {
  /** Milliseconds from which on a statement is logged; 0: none is. */
  readonly slowStatementMs: number;
  /** Milliseconds on a clock that never turns back. */
  readonly now?: () => number;
}

/**
 * Logs what operators want to know of sources: breakers that open and close, slow statements without their values, and
 * passed deadlines. In an outage the last two come by the thousand: ten slow statements of a source are logged in ten seconds,
 * and each kind of deadline once, with the number of those that were left out before.
 */
export function logSources(
  log: Log,
  { slowStatementMs, now = () => performance.now() }: LogSourcesOptions,
): SourceObserver {
  const timeouts = new Map<string, { since: number; leftOut: number }>();
  const open = new Set<string>();
  const replicas = new Map<string, number>();
  return {
    statement: logSlowStatements(log, { slowStatementMs, now }),
    created: (source) => log.debug({ source }, 'connection opened'),
    closed: (source, reason) => log.debug({ source, reason }, 'connection closed'),
    timedOut(source, deadline) {
      const key = `${source} ${deadline}`;
      const last = timeouts.get(key);
      if (last !== undefined && now() - last.since < quiet) {
        last.leftOut += 1;
        return;
      }
      timeouts.set(key, { since: now(), leftOut: 0 });
      const leftOut = last === undefined || last.leftOut === 0 ? {} : { leftOut: last.leftOut };
      log.warn({ source, deadline, ...leftOut }, 'deadline passed');
    },
    replica(source, replica, state) {
      const key = `${source} ${replica}`;
      const last = replicas.get(key) ?? Number.NEGATIVE_INFINITY;
      // One whose lag is about at the bound changes several times a second.
      if (state !== 'DOWN' && now() - last < quiet) return;
      replicas.set(key, now());
      log[state === 'USED' ? 'info' : 'warn']({ source, replica, state }, 'replica changed');
    },
    breaker(source, state) {
      // Of an outage, its begin and its end; each probe between them would be a line more.
      if (state === 'HALF_OPEN' || (state === 'OPEN') === open.has(source)) return;
      if (state === 'OPEN') open.add(source);
      else open.delete(source);
      log[state === 'OPEN' ? 'warn' : 'info']({ source, breaker: state }, 'breaker changed');
    },
  };
}
