import { Counter, Gauge, type Registry } from 'prom-client';
import { perSource, sourceNames } from '../../source-name.ts';
import type { SourceObserver } from '../../sources/observer.ts';
import { fastHistogram, type Observe } from './fast-histogram.ts';

const breakerStates = ['CLOSED', 'OPEN', 'HALF_OPEN'] as const;
const statementKinds = ['read', 'write', 'control'] as const;
const timeouts = ['connect', 'acquire', 'statement', 'transaction', 'operation'] as const;

/** Counts what sources tell. Every series is there from the start, so that a rate sees the first event too. */
export function sourceMetrics(registry: Registry): Required<Omit<SourceObserver, 'capture' | 'replica'>> {
  const registers = [registry];
  const acquired = fastHistogram(registry, {
    name: 'tandem_pool_acquire_duration_seconds',
    help: 'Time that callers waited for a connection, those who got none left out.',
    labelNames: ['source'],
  });
  const statements = fastHistogram(registry, {
    name: 'tandem_statement_duration_seconds',
    help: 'Time that statements took on the server and on their way; outcome is ok or error.',
    labelNames: ['source', 'kind', 'outcome'],
  });
  const created = new Counter({
    name: 'tandem_pool_connections_created_total',
    help: 'Connections that were opened.',
    labelNames: ['source'],
    registers,
  });
  const closed = new Counter({
    name: 'tandem_pool_connections_closed_total',
    help: 'Connections that were closed, by reason.',
    labelNames: ['source', 'reason'],
    registers,
  });
  const timedOut = new Counter({
    name: 'tandem_timeouts_total',
    help: 'Deadlines that passed: of connecting, of acquiring a connection, of a statement, of a transaction.',
    labelNames: ['source', 'deadline'],
    registers,
  });
  const breaker = new Gauge({
    name: 'tandem_breaker_state',
    help: 'Whether the breaker is in this state: 1 for the one that it is in, 0 for the others; of several processes, how many are.',
    labelNames: ['source', 'state'],
    registers,
  });

  const of = perSource((source) => ({
    acquired: acquired({ source }),
    created: created.labels(source),
    statements: Object.fromEntries(
      statementKinds.map((kind) => [
        kind,
        {
          ok: statements({ source, kind, outcome: 'ok' }),
          error: statements({ source, kind, outcome: 'error' }),
        },
      ]),
    ) as Record<(typeof statementKinds)[number], Record<'ok' | 'error', Observe>>,
  }));
  for (const source of sourceNames) {
    created.inc({ source }, 0);
    for (const deadline of timeouts) timedOut.inc({ source, deadline }, 0);
    for (const state of breakerStates) breaker.set({ source, state }, state === 'CLOSED' ? 1 : 0);
  }

  return {
    acquired: (source, ms) => of[source].acquired(ms),
    statement: (source, { kind, ms, error }) =>
      of[source].statements[kind][error === undefined ? 'ok' : 'error'](ms),
    created: (source) => of[source].created.inc(),
    closed: (source, reason) => closed.inc({ source, reason }),
    timedOut: (source, deadline) => timedOut.inc({ source, deadline }),
    breaker: (source, now) => {
      for (const state of breakerStates) breaker.set({ source, state }, state === now ? 1 : 0);
    },
  };
}
