import type { PoolConfig } from '../../config/groups/pool.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';
import { within } from '../../util/within.ts';
import type { PoolStats, SourceObserver } from '../observer.ts';
import type { Caller } from './caller.ts';
import { PoolConnections, quitMs } from './connections.ts';
import type { ControlSession, ControlSessionOptions } from './control-session.ts';
import { createFailoverDetector } from './failover-detector.ts';
import { type Connect, type OpenConnection, slotInUse } from './open-connection.ts';
import type { ProcessShareOptions } from './process-share.ts';
import { createReachability } from './reachability.ts';
import { type Owner, Session } from './session.ts';
import { fixedShare, type Share } from './share.ts';
import { createSweepTimer } from './sweep-timer.ts';
import { hasTooManyConnections } from './too-many-connections.ts';
import { createWaitingCallers, type Lease, type Waiter } from './waiting-callers.ts';

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

/** Milliseconds that a server may take to answer a ping. */
const pingMs = 1000;
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
    freed: supply,
    leaving: () => timer.start(),
    drained: () => drained?.(),
  });
  const { idle, busy } = connections;
  const { acquireTimeoutMs } = limits;
  const waiting = createWaitingCallers({ source, acquireTimeoutMs, observer, notInTime });
  /** Busy with a check, for the caller that waits. */
  let checking = 0;
  let closed = false;
  let drained: (() => void) | undefined;
  const timer = createSweepTimer(sweep);

  const reachability = createReachability({
    source,
    observer,
    opened() {
      control.probe();
      if (nobodyHolds()) waiting.refuse(unavailable);
    },
  });
  const { unavailable } = reachability;

  const owner: Owner = {
    source,
    observer,
    statementTimeoutMs: orNever(limits.statementTimeoutMs),
    transactionTimeoutMs: orNever(limits.transactionTimeoutMs),
    release,
    lost,
    readOnly: () => follower.hurry(performance.now()),
  };
  const control = createControlSession({
    isLive: (session) => connections.has(session),
    trying: () => reachability.probing(),
    up() {
      reachability.up();
      supply();
    },
    down: (error) => reachability.down(error),
  });

  const share =
    createShare?.({
      control,
      mayConnect: () => reachability.state === 'CLOSED',
      changed() {
        connections.fit();
        supply();
      },
      failed: notConnected,
    }) ?? fixedShare(limits.max - 1);
  const follower = createFailoverDetector({
    find: createShare === undefined ? () => control.server() : findByNewConnection,
    leave(server, all) {
      const count = connections.leave(server, all);
      supply();
      return count;
    },
  });
  const nobodyHolds = () => connections.live === 0;

  /** Why a caller waited in vain: others hold the connections, or none comes about. */
  function notInTime(): TandemError {
    if (busy.size > 0 || share.crowded) return new TandemError('POOL_TIMEOUT', { source });
    if (connections.opening === 0) return unavailable();
    return new TandemError('SOURCE_UNAVAILABLE', { source, reason: 'CONNECT_TIMEOUT' });
  }

  function acquire(lease: Lease, caller?: Caller, since?: number): void {
    if (closed) {
      lease(unavailable());
      return;
    }
    const now = performance.now();
    const waiter = { lease, since: since ?? now, caller, captured: observer?.capture?.() };
    const last = idle.at(-1);
    if (last !== undefined && waiting.size === 0 && isFresh(last, now)) {
      idle.pop();
      lend(last, waiter, now);
      return;
    }
    // Those for whom a connection is being opened do not wait for others to finish.
    if (connections.taken >= share.size && waiting.size >= limits.queueMax + connections.opening + checking) {
      lease(new TandemError('OVERLOADED', { source }));
      return;
    }
    waiting.add(waiter);
    timer.start();
    // A caller that waits keeps the process alive, as a socket would that it had.
    timer.keepAlive(true);
    supply();
  }

  function isFresh({ answeredAt, expiresAt }: Session, now: number): boolean {
    return (
      answeredAt > reachability.suspectSince && now - answeredAt < limits.validateAfterMs && now < expiresAt
    );
  }

  function lend(session: Session, { lease, since, caller, captured }: Waiter, now: number): void {
    timer.start();
    busy.add(session);
    session.caller = caller;
    session.captured = captured;
    observer?.acquired?.(source, now - since);
    lease(null, session);
  }

  /** Finds connections for callers that wait: idle ones that need a check, then new ones. */
  function supply(): void {
    const now = performance.now();
    while (waiting.size > connections.opening + checking) {
      const session = idle.pop();
      if (session !== undefined) check(session, now);
      else if (reachability.state !== 'CLOSED' || now < reachability.connectNotBefore || !open()) break;
    }
    if (reachability.state !== 'CLOSED' && nobodyHolds()) waiting.refuse(unavailable);
  }

  function check(session: Session, now: number): void {
    session.reused = true;
    if (isFresh(session, now)) {
      give(session);
      return;
    }
    if (now >= session.expiresAt) {
      connections.retire(session);
      return;
    }
    checking += 1;
    busy.add(session);
    session.caller = undefined;
    session.captured = undefined;
    session.ping(pingMs, (error) => {
      checking -= 1;
      // A failed one has reported its loss already.
      if (error === null && busy.delete(session)) give(session);
      supply();
    });
  }

  /** @returns whether there is a place for a connection */
  function open(connected: (server: string | undefined) => void = () => {}): boolean {
    const slot = connections.live < (share.size || 1) ? share.take() : undefined;
    if (slot === undefined) return false;
    const startedAt = performance.now();
    connections.opening += 1;
    timer.start();
    connect((error, link) => {
      connections.opening -= 1;
      connected(link?.server);
      if (error !== null) {
        if (link !== undefined) connections.failed(link, slot, startedAt);
        else share.give(slot);
        notConnected(error, startedAt);
        return;
      }
      if (share.server !== undefined && link?.server !== share.server) {
        // The name leads to another server, on which this process has no share yet.
        (link as OpenConnection).connection.on('error', () => {});
        (link as OpenConnection).cut();
        share.give(slot);
        void control.server().catch(() => {});
        return;
      }
      reachability.succeeded();
      const jitter = 0.9 + 0.1 * Math.random();
      const lifetimeMs = orNever(limits.maxLifetimeMs) * jitter;
      const session = new Session(link as OpenConnection, owner, { now: performance.now(), lifetimeMs });
      connections.take(session, slot);
      observer?.created?.(source);
      if (connections.open().some(({ server }) => server !== session.server)) follower.hurry(session.bornAt);
      give(session);
      supply();
    }, slot.claim);
    return true;
  }

  /**
   * Where the name leads, by a connection that replaces another one: the control session stays, since it holds the locks
   * of this process. Undefined while all connections are in use.
   */
  function findByNewConnection(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (open(resolve)) return;
      const [unused] = idle;
      const [oldest] = busy;
      if (unused !== undefined) connections.retireIdle(unused, 'lifetime');
      else if (oldest !== undefined) oldest.expiresAt = Math.min(oldest.expiresAt, performance.now());
      resolve(undefined);
    });
  }

  function notConnected(error: Error, startedAt: number): void {
    if (createShare !== undefined && (hasTooManyConnections(error) || isSlotInUse(error))) {
      reachability.postpone();
      return;
    }
    reachability.failed(error, startedAt, nobodyHolds);
    if (!nobodyHolds()) return;
    // To those who came later, this attempt says nothing: what ended it may have been before they came.
    waiting.refuse(
      () => error,
      ({ since }) => since <= startedAt,
    );
    supply();
  }

  /** Passes a connection to the caller that has waited longest, or keeps it where none waits. */
  function give(session: Session): void {
    const now = performance.now();
    if (closed || now >= session.expiresAt || connections.live >= share.size) {
      const reason = closed ? 'closing' : 'share';
      connections.retire(session, !closed && now >= session.expiresAt ? undefined : reason);
      return;
    }
    const waiter = waiting.next();
    if (waiter === undefined) {
      session.reused = true;
      idle.push(session);
      return;
    }
    lend(session, waiter, now);
  }

  function release(session: Session): void {
    // One that was lost meanwhile is not in the pool any more.
    if (!busy.has(session)) return;
    session.caller = undefined;
    session.captured = undefined;
    session.reused = true;
    if (session.dirty) {
      session.destroy();
      return;
    }
    busy.delete(session);
    give(session);
    if (busy.size === 0) drained?.();
  }

  function lost(session: Session, error: Error, gone: boolean): void {
    reachability.suspect();
    connections.lost(session, error, gone);
    supply();
  }

  function sweep(): void {
    const now = performance.now();
    for (const session of busy) session.expire(now);
    connections.sweep(now);
    waiting.sweep(now);
    for (const session of [...idle]) {
      const expired = now >= session.expiresAt;
      const unused = now - session.answeredAt >= limits.idleTimeoutMs && idle.length + busy.size > limits.min;
      if (!expired && !unused) continue;
      connections.retireIdle(session, expired ? undefined : 'idle');
    }
    if (waiting.size > 0) supply();
    else timer.keepAlive(false);
    if (!closed && reachability.state === 'CLOSED' && idle.length + busy.size > 0) follower.look(now);
    if (!closed && reachability.state === 'CLOSED' && now >= reachability.connectNotBefore) {
      while (connections.live < Math.min(limits.min, share.size || 1) && open());
    }
    if (connections.taken === 0 && waiting.size === 0) timer.stop();
    else if (connections.taken === idle.length && waiting.size === 0) timer.rest();
  }

  if (limits.min > 0) timer.start();

  return {
    acquire,
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
      if (closed) return;
      closed = true;
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

function isSlotInUse(error: Error): boolean {
  return (error as { readonly code?: unknown }).code === slotInUse;
}

/** 0 stands for no deadline. */
function orNever(ms: number): number {
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}
