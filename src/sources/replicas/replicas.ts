import type { DatabaseConfig } from '../../config/groups/database.ts';
import type { PoolConfig } from '../../config/groups/pool.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';
import { openPool } from '../database.ts';
import type { ReplicaStats, SourceObserver } from '../observer.ts';
import type { Caller } from '../pool/caller.ts';
import type { Pool } from '../pool/pool.ts';
import type { Answer, PreparedRead } from '../pool/session.ts';
import { gtidsOf, Positions, type PrimaryState, positionQuery } from './positions.ts';
import { Replica } from './replica.ts';

/** The replicas of one source: they answer reads as long as they are not further behind than the settings allow. */
export interface Replicas {
  /**
   * Runs a read on a replica. Calls `elsewhere` instead, once, where the primary is to answer: none is fresh enough, all are busy, or
   * the one that was asked did not answer.
   */
  read(read: PreparedRead, caller: Caller, answer: Answer, elsewhere: () => void): void;
  /** Connections that there are for reads at the moment. */
  readonly size: number;
  stats(): ReplicaStats[];
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** Looks in the time that a replica may be behind, so that a look that fails is no reason to leave it. */
const looks = 5;
const longestMs = 200;
const shortestMs = 20;

/** Milliseconds until the primary is asked again after it did not answer. */
const pauseMs = 1000;

/** Where the reads of one request go. They never go back from a server to one that may be behind it. */
interface Place {
  /** Undefined: the primary. */
  replica: Replica | undefined;
  /** Undefined: any of the replica's, as none has answered yet. */
  server: string | undefined;
}

/** Undefined where the source has no replicas. `primary` tells the positions that they are held against. */
export function openReplicas(
  source: SourceName,
  database: DatabaseConfig,
  limits: PoolConfig,
  primary: Pool,
  observer: SourceObserver = {},
): Replicas | undefined {
  const { replicas, ...ofPrimary } = database;
  if (replicas === undefined) return undefined;
  const { hosts, maxLagMs } = replicas;
  const everyMs = Math.max(shortestMs, Math.min(longestMs, maxLagMs / looks));
  const positions = new Positions();
  let askNotBefore = 0;
  let asking = false;
  // Connections and the breaker in the source's figures are the primary's.
  const { capture, statement, acquired, timedOut } = observer;
  const hooks = {
    ...(capture && { capture }),
    ...(statement && { statement }),
    ...(acquired && { acquired }),
    ...(timedOut && { timedOut }),
  };
  const opened = hosts.map(({ host, port }) => {
    const at = openPool(source, { ...ofPrimary, host, port }, database.runtime, limits, { observer: hooks });
    const name = `${host}:${port}`;
    const replica = new Replica({
      name,
      pool: at.pool,
      maxLagMs,
      everyMs,
      positions: () => positions.all,
      changed: (state) => observer.replica?.(source, name, state),
    });
    return { replica, close: at.close };
  });
  const all = opened.map(({ replica }) => replica);
  const places = new WeakMap<Caller, Place>();

  /** Asks the primary where it is, where that was long ago: reads cause it, so that it costs nothing without them. */
  function askPrimary(now: number): void {
    if (asking || now < askNotBefore || primary.stats().breaker !== 'CLOSED') return;
    asking = true;
    askNotBefore = now + everyMs;
    primary
      .ask<PrimaryState>(positionQuery)
      .then(([state]) => {
        const gtids = state && gtidsOf(state);
        if (gtids !== undefined) positions.add(gtids, now);
      })
      .catch(() => {
        askNotBefore = performance.now() + pauseMs;
      })
      .finally(() => {
        asking = false;
      });
  }

  /** Of those that may answer, the one with the least to do. */
  function choose(now: number): Replica | undefined {
    let best: Replica | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const replica of all) {
      if (!replica.isUsable(now)) continue;
      const { inUse, connecting, waiting } = replica.pool.stats();
      const load = inUse + connecting + waiting;
      if (load >= replica.pool.size || load >= least) continue;
      best = replica;
      least = load;
    }
    return best;
  }

  function placeOf(caller: Caller, now: number): Place {
    const known = places.get(caller);
    if (known !== undefined) {
      if (known.replica?.isUsable(now) === false) known.replica = undefined;
      return known;
    }
    const place = { replica: choose(now), server: undefined };
    places.set(caller, place);
    return place;
  }

  return {
    read(read, caller, answer, elsewhere) {
      const now = performance.now();
      askPrimary(now);
      const place = placeOf(caller, now);
      const { replica } = place;
      if (replica === undefined) {
        elsewhere();
        return;
      }
      const leave = () => {
        place.replica = undefined;
        elsewhere();
      };
      replica.pool.acquire((error, session) => {
        if (session === undefined) {
          // A statement whose own time is over is no fault of the replica: the primary's pool says so, too.
          if (!isOver(error)) replica.failed();
          leave();
          return;
        }
        replica.admit(session, (admitted) => {
          place.server ??= session.server;
          if (!admitted || session.server !== place.server || place.replica === undefined) {
            session.release();
            leave();
            return;
          }
          replica.execute(session, read, (failed, rows) => {
            session.release();
            if (failed === null || failed instanceof TandemError) {
              replica.reads += 1;
              answer(failed, rows);
              return;
            }
            // Its tables may be older, too: what the server refuses, the primary refuses as well, or does not.
            if (session.broken) replica.failed();
            leave();
          });
        });
      }, caller);
    },
    get size() {
      return all.reduce((sum, { pool }) => sum + pool.size, 0);
    },
    stats: () => all.map((replica) => replica.stats()),
    async close(options) {
      await Promise.all(opened.map(({ close }) => close(options)));
    },
  };
}

/** The caller's own time is over, or the caller is gone, or others hold all connections. */
function isOver(error: Error | null): boolean {
  return error instanceof TandemError && error.code !== 'SOURCE_UNAVAILABLE';
}
