import type { PoolConfig } from '../../config/groups/pool.ts';
import type { SourceName } from '../../source-name.ts';
import type { SourceObserver } from '../observer.ts';
import type { Caller } from './caller.ts';
import type { PoolConnections } from './connections.ts';
import type { Reachability } from './reachability.ts';
import type { Session } from './session.ts';
import type { Share } from './share.ts';
import type { SweepTimer } from './sweep-timer.ts';
import type { Lease, Waiter, WaitQueue } from './wait-queue.ts';

interface Options {
  readonly source: SourceName;
  readonly limits: Pick<PoolConfig, 'validateAfterMs'>;
  readonly observer: SourceObserver | undefined;
  readonly connections: PoolConnections;
  readonly waiting: WaitQueue;
  readonly reachability: Reachability;
  readonly timer: SweepTimer;
  readonly share: () => Pick<Share, 'size'>;
  /** Opens another connection, and returns whether there is a place for one. */
  readonly open: () => boolean;
  /** None is in use any more. */
  readonly drained: () => void;
}

/** Lends the connections of a pool: to callers in the order in which they came, the one used last first. */
export interface Lending {
  acquire(lease: Lease, caller?: Caller, since?: number): void;
  /** Finds connections for callers that wait: idle ones that need a check, then new ones. */
  supply(): void;
  /** Passes a connection to the caller that has waited longest, or keeps it where none waits. */
  give(session: Session): void;
  /** Its holder has returned it. */
  release(session: Session): void;
  readonly isClosed: boolean;
  /** From now on, none is lent. */
  close(): void;
}

/** Milliseconds that a server may take to answer a ping. */
const pingMs = 1000;

export function createLending(options: Options): Lending {
  const { source, limits, observer, connections, waiting, reachability, timer, share } = options;
  const { idle, busy } = connections;
  const { unavailable } = reachability;
  /** Busy with a check, for the caller that waits. */
  let checking = 0;
  let closed = false;

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
    if (connections.taken >= share().size && waiting.isFull(connections.opening + checking)) {
      lease(waiting.overloaded());
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

  function supply(): void {
    const now = performance.now();
    while (waiting.size > connections.opening + checking) {
      const session = idle.pop();
      if (session !== undefined) check(session, now);
      else if (reachability.state !== 'CLOSED' || now < reachability.connectNotBefore || !options.open())
        break;
    }
    if (reachability.state !== 'CLOSED' && connections.live === 0) waiting.refuse(unavailable);
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

  function give(session: Session): void {
    const now = performance.now();
    if (closed || now >= session.expiresAt || connections.live >= share().size) {
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
    if (busy.size === 0) options.drained();
  }

  return {
    acquire,
    supply,
    give,
    release,
    get isClosed() {
      return closed;
    },
    close() {
      closed = true;
    },
  };
}
