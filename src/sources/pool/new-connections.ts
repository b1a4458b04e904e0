import type { SourceName } from '../../source-name.ts';
import type { SourceObserver } from '../observer.ts';
import type { PoolConnections } from './connections.ts';
import type { ControlSession } from './control-session.ts';
import { type Connect, type OpenConnection, slotInUse } from './open-connection.ts';
import type { Reachability } from './reachability.ts';
import { type Owner, Session } from './session.ts';
import type { Share, Slot } from './share.ts';
import { hasTooManyConnections } from './too-many-connections.ts';
import type { WaitQueue } from './wait-queue.ts';

interface Options {
  readonly source: SourceName;
  readonly observer: SourceObserver | undefined;
  /** Milliseconds; Infinity: without limit. */
  readonly maxLifetimeMs: number;
  readonly connect: Connect;
  readonly owner: Owner;
  readonly connections: PoolConnections;
  readonly reachability: Reachability;
  readonly waiting: Pick<WaitQueue, 'refuse'>;
  readonly share: () => Share;
  /** Whether other processes have shares in the account's connections. */
  readonly isShared: boolean;
  readonly control: () => Pick<ControlSession, 'server'>;
  /** An attempt is under way. */
  readonly opening: () => void;
  /** There is one more connection. */
  readonly opened: (session: Session) => void;
  /** There may be connections to two servers, the time now being that of `performance.now()`. */
  readonly moved: (now: number) => void;
  /** Another attempt may be worth a try. */
  readonly supply: () => void;
}

/** Opens the connections of a pool, within its share. */
export interface NewConnections {
  /**
   * Begins an attempt, and returns whether there was a place for one.
   *
   * @param connected gets the server, or undefined where the attempt failed
   */
  open(connected?: (server: string | undefined) => void): boolean;
  /**
   * Where the name leads, by a connection that replaces another one: the control session stays, since it holds the locks
   * of this process. Undefined while all connections are in use.
   */
  find(): Promise<string | undefined>;
  /** An attempt failed that began then, on the clock of `performance.now()`: the control session's, too. */
  failed(error: Error, startedAt: number): void;
}

export function createNewConnections(options: Options): NewConnections {
  const { source, observer, connections, reachability, share, isShared, control, supply } = options;
  const { idle, busy } = connections;
  const nobodyHolds = () => connections.live === 0;

  function open(connected: (server: string | undefined) => void = () => {}): boolean {
    const slot = connections.live < (share().size || 1) ? share().take() : undefined;
    if (slot === undefined) return false;
    const startedAt = performance.now();
    connections.opening += 1;
    options.opening();
    options.connect((error, link) => {
      connections.opening -= 1;
      connected(link?.server);
      if (error === null) take(link as OpenConnection, slot);
      else {
        if (link !== undefined) connections.failed(link, slot, startedAt);
        else share().give(slot);
        failed(error, startedAt);
      }
    }, slot.claim);
    return true;
  }

  function take(link: OpenConnection, slot: Slot): void {
    const { server } = share();
    if (server !== undefined && link.server !== server) {
      // The name leads to another server, on which this process has no share yet.
      link.connection.on('error', () => {});
      link.cut();
      share().give(slot);
      void control()
        .server()
        .catch(() => {});
      return;
    }
    reachability.succeeded();
    const jitter = 0.9 + 0.1 * Math.random();
    const lifetimeMs = options.maxLifetimeMs * jitter;
    const session = new Session(link, options.owner, { now: performance.now(), lifetimeMs });
    connections.take(session, slot);
    observer?.created?.(source);
    if (connections.open().some((one) => one.server !== session.server)) options.moved(session.bornAt);
    options.opened(session);
  }

  function failed(error: Error, startedAt: number): void {
    if (isShared && (hasTooManyConnections(error) || isSlotInUse(error))) {
      reachability.postpone();
      return;
    }
    reachability.failed(error, startedAt, nobodyHolds);
    if (!nobodyHolds()) return;
    // To those who came later, this attempt says nothing: what ended it may have been before they came.
    options.waiting.refuse(
      () => error,
      ({ since }) => since <= startedAt,
    );
    supply();
  }

  return {
    open,
    failed,
    find: () =>
      new Promise((resolve) => {
        if (open(resolve)) return;
        const [unused] = idle;
        const [oldest] = busy;
        if (unused !== undefined) connections.retireIdle(unused, 'lifetime');
        else if (oldest !== undefined) oldest.expiresAt = Math.min(oldest.expiresAt, performance.now());
        resolve(undefined);
      }),
  };
}

function isSlotInUse(error: Error): boolean {
  return (error as { readonly code?: unknown }).code === slotInUse;
}
