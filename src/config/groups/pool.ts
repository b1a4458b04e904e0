import { oneOf, whole } from '../kinds.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

export const poolSettings = settingsGroup({
  title: 'Connection pool of each cloud',
  page: 'pooling.md',
  prefix: 'POOL_',
  settings: {
    max: {
      variable: 'POOL_MAX',
      kind: whole(2, 20),
      default: '20',
      help: 'Connections at most, 2 to 20; one of them is the control session, which ends statements and probes the server.',
    },
    min: {
      variable: 'POOL_MIN',
      kind: whole(0, 19),
      default: '0',
      help: 'Connections that the pool keeps open though unused.',
    },
    shared: {
      variable: 'POOL_SHARED',
      kind: oneOf(['on', 'off']),
      help: 'on: processes on all machines share the connections of POOL_MAX through locks in the database; empty: on where WEB_CONCURRENCY is more than 1.',
    },
    queueMax: {
      variable: 'POOL_QUEUE_MAX',
      kind: whole(0, 100_000),
      default: '1000',
      help: 'Callers that may wait for a connection; the next one gets OVERLOADED at once.',
    },
    acquireTimeoutMs: {
      variable: 'POOL_ACQUIRE_TIMEOUT_MS',
      kind: whole(50, 60_000),
      default: '3000',
      help: 'Milliseconds that a caller waits for a connection, then POOL_TIMEOUT.',
    },
    idleTimeoutMs: {
      variable: 'POOL_IDLE_TIMEOUT_MS',
      kind: whole(1000, 3_600_000),
      default: '60000',
      help: 'Milliseconds after which the pool closes an unused connection.',
    },
    maxLifetimeMs: {
      variable: 'POOL_MAX_LIFETIME_MS',
      kind: whole(1000, 86_400_000),
      default: '1800000',
      help: 'Milliseconds after which the pool replaces a connection; up to a tenth less, so that it replaces not all at once.',
    },
    validateAfterMs: {
      variable: 'POOL_VALIDATE_AFTER_MS',
      kind: whole(0, 3_600_000),
      default: '1000',
      help: 'Milliseconds unused after which the pool asks a connection whether it is alive before a caller gets it.',
    },
    connectTimeoutMs: {
      variable: 'CONNECT_TIMEOUT_MS',
      kind: whole(100, 60_000),
      default: '3000',
      help: 'Milliseconds for an attempt to connect, the command that prints the password included.',
    },
    passwordCacheMs: {
      variable: 'PASSWORD_CACHE_MS',
      kind: whole(0, 3_600_000),
      default: '300000',
      help: 'Milliseconds for which the pool uses again a password that a command printed; 0: it runs the command for each login.',
    },
    statementTimeoutMs: {
      variable: 'STATEMENT_TIMEOUT_MS',
      kind: whole(100, 600_000),
      default: '5000',
      help: 'Milliseconds that a statement may take, then TIMEOUT; the pool ends it on the server too.',
    },
    replicaMaxLagMs: {
      variable: 'POOL_REPLICA_MAX_LAG_MS',
      kind: whole(100, 600_000),
      default: '1000',
      help: 'Milliseconds by which a replica may be behind its primary; queries go to the primary where it is further behind.',
    },
    transactionTimeoutMs: {
      variable: 'TRANSACTION_TIMEOUT_MS',
      kind: whole(100, 600_000),
      default: '15000',
      help: 'Milliseconds that a transaction may take, from BEGIN to COMMIT.',
    },
  },
});

/** Limits of one source's connection pool; fields as in the settings above. A deadline of 0 is none. */
export type PoolConfig = Omit<
  ValuesOf<typeof poolSettings>,
  'passwordCacheMs' | 'replicaMaxLagMs' | 'shared'
> & {
  /** Whether the connections are shared with other processes of the same account; absent: no. */
  readonly shared?: true;
};

export function toPool(
  { passwordCacheMs: _, replicaMaxLagMs: __, shared, ...pool }: ValuesOf<typeof poolSettings>,
  processes: number,
): PoolConfig {
  const isShared = shared === undefined ? processes > 1 : shared === 'on';
  return { ...pool, ...(isShared && { shared: true }) };
}
