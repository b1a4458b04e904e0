import type { PoolConfig } from '../../config/groups/pool.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';
import { within } from '../../util/within.ts';
import type { PoolStats, SourceObserver } from '../observer.ts';
import { createLending } from './acquire-release.ts';
import type { Caller } from './caller.ts';
import { PoolConnections, quitMs } from './connections.ts';
import type { ControlSession, ControlSessionOptions } from './control-session.ts';
import { createFailoverDetector } from './failover-detector.ts';
import { createNewConnections } from './new-connections.ts';
import type { Connect } from './open-connection.ts';
import { createReachability } from './reachability.ts';
import type { Owner, Session } from './session.ts';
import { fixedShare, type Share } from './share.ts';
import type { ProcessShareOptions } from './share-slots-by-locks.ts';
import { createSweepTimer } from './sweep-timer.ts';
import { createWaitQueue, type Lease } from './wait-queue.ts';

/**
 * The connections to one database: never more than `max`, of which one is kept for the pool itself, so that there is
 * always a way to end what others do on the server.
 *
 * A caller gets a connection, or an error, within the acquire time-out. A connection that passed a deadline, or
 * that broke, keeps its place until the server is known to have no session of it.
 */
export interface Pool {
  /**
   * `caller`: a destroyed one waits no more for the answer. `since`: when the caller began to wait, on the clock of
   * `performance.now()`; now, where it is absent.
   */
  acquire(lease: Lease, caller?: Caller, since?: number): void;
  /** Runs a statement on the control session, even while all other connections are in use. */
  ask<R>(sql: string): Promise<R[]>;
  stats(): PoolStats;
  /** Connections that there are for callers at the moment. */
  readonly size: number;
  /** Ends all connections in use at once: what runs on them fails as where a connection breaks. */
  cut(): void;
  /** Refuses who comes and who waits, lets holders finish for so long, and closes all. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface PoolOptions {
  readonly source: SourceName;
  readonly limits: PoolConfig;
  readonly connect: Connect;
  readonly control: (
    options: Pick<ControlSessionOptions, 'isLive' | 'up' | 'down' | 'trying'>,
  ) => ControlSession;
  /** Absent: `max`, of this process alone. */
  readonly share?: (options: Omit<ProcessShareOptions, 'user' | 'max'>) => Share;
  readonly observer?: SourceObserver | undefined;
}

/** Milliseconds for holders to finish when the pool closes. */
const drainMs = 1000;

export function createPool({
  source,
  limits,
  connect,
  control: createControlSession,
  share: createShare,
  observer,
}: PoolOptions): Pool {
  const connections = new PoolConnections({
    source,
    observer,
    share: () => share,
    control: () => control,
    freed: () => lending.supply(),
    leaving: () => timer.start(),
    drained: () => drained?.(),
  });
  const { idle, busy } = connections;
  const waiting = createWaitQueue({ source, limits, observer, notInTime });
  let drained: (() => void) | undefined;
  const timer = createSweepTimer(sweep);

  const reachability = createReachability({
    source,
    observer,
    opened() {
      control.probe();
      if (connections.live === 0) waiting.refuse(unavailable);
    },
  });
  const { unavailable } = reachability;

  const lending = createLending({
    source,
    limits,
    observer,
    connections,
    waiting,
    reachability,
    timer,
    share: () => share,
    open: () => newConnections.open(),
    drained: () => drained?.(),
  });

  const owner: Owner = {
    source,
    observer,
    statementTimeoutMs: orNever(limits.statementTimeoutMs),
    transactionTimeoutMs: orNever(limits.transactionTimeoutMs),
    release: lending.release,
    lost,
    readOnly: () => follower.hurry(performance.now()),
  };
  const control = createControlSession({
    isLive: (session) => connections.has(session),
    trying: () => reachability.probing(),
    up() {
      reachability.up();
      lending.supply();
    },
    down: (error) => reachability.down(error),
  });

  const newConnections = createNewConnections({
    source,
    observer,
    maxLifetimeMs: orNever(limits.maxLifetimeMs),
    connect,
    owner,
    connections,
    reachability,
    waiting,
    share: () => share,
    isShared: createShare !== undefined,
    control: () => control,
    opening: () => timer.start(),
    opened(session) {
      lending.give(session);
      lending.supply();
    },
    moved: (now) => follower.hurry(now),
    supply: lending.supply,
  });

  const share =
    createShare?.({
      control,
      mayConnect: () => reachability.state === 'CLOSED',
      changed() {
        connections.fit();
        lending.supply();
      },
      failed: newConnections.failed,
    }) ?? fixedShare(limits.max - 1);
  const follower = createFailoverDetector({
    find: createShare === undefined ? () => control.server() : newConnections.find,
    leave(server, all) {
      const count = connections.leave(server, all);
      lending.supply();
      return count;
    },
  });

  /** Why a caller waited in vain: others hold the connections, or none comes about. */
  function notInTime(): TandemError {
    if (busy.size > 0 || share.crowded) return new TandemError('POOL_TIMEOUT', { source });
    if (connections.opening === 0) return unavailable();
    return new TandemError('SOURCE_UNAVAILABLE', { source, reason: 'CONNECT_TIMEOUT' });
  }

  function lost(session: Session, error: Error, gone: boolean): void {
    reachability.suspect();
    connections.lost(session, error, gone);
    lending.supply();
  }

  function sweep(): void {
    const now = performance.now();
    for (const session of busy) session.expire(now);
    connections.sweep(now);
    waiting.sweep(now);
    connections.retireUnused(now, limits);
    if (waiting.size > 0) lending.supply();
    else timer.keepAlive(false);
    if (!lending.isClosed && reachability.state === 'CLOSED' && idle.length + busy.size > 0)
      follower.look(now);
    if (!lending.isClosed && reachability.state === 'CLOSED' && now >= reachability.connectNotBefore) {
      while (connections.live < Math.min(limits.min, share.size || 1) && newConnections.open());
    }
    if (connections.taken === 0 && waiting.size === 0) timer.stop();
    else if (connections.taken === idle.length && waiting.size === 0) timer.rest();
  }

  if (limits.min > 0) timer.start();

  return {
    acquire: lending.acquire,
    async ask(sql) {
      if (!(await share.joined(limits.acquireTimeoutMs))) throw notInTime();
      return control.ask(sql);
    },
    get size() {
      return share.size;
    },
    stats: () => ({
      max: share.size === 0 ? 0 : share.size + 1,
      inUse: busy.size,
      idle: idle.length,
      connecting: connections.opening,
      waiting: waiting.size,
      closing: connections.closing,
      control: control.open ? 1 : 0,
      breaker: reachability.state,
    }),
    cut() {
      for (const session of [...busy]) session.destroy();
    },
    async close({ timeoutMs = drainMs } = {}) {
      if (lending.isClosed) return;
      lending.close();
      waiting.refuse(unavailable);
      for (const session of idle.splice(0)) connections.retire(session, 'closing');
      if (busy.size > 0) {
        const idled = new Promise<void>((resolve) => {
          drained = resolve;
        });
        await within(timeoutMs, idled, undefined);
      }
      for (const session of [...busy]) session.destroy();
      const late = performance.now() + quitMs;
      while (connections.quitting > 0 && performance.now() < late) await new Promise((r) => setTimeout(r, 5));
      share.close();
      await control.close();
      timer.stop();
    },
  };
}

/** 0 stands for no deadline. */
function orNever(ms: number): number {
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}
