import type { ReplicaState, ReplicaStats } from '../observer.ts';
import type { Pool } from '../pool/pool.ts';
import type { Answer, PreparedRead, Session } from '../pool/session.ts';
import { hasTooManyConnections } from '../pool/too-many-connections.ts';
import { newestReached, type Position, reachedQuery } from './positions.ts';

/** Milliseconds without an answer after which a replica is given up, with all that runs on it. */
const hungMs = 1000;

/** Milliseconds before one that failed is tried again. */
const retryMs = 1000;

interface Options {
  /** Its host and port. */
  readonly name: string;
  readonly pool: Pool;
  /** Milliseconds by which it may be behind. */
  readonly maxLagMs: number;
  /** Milliseconds between looks at how far it is. */
  readonly everyMs: number;
  /** Of the primary, the newest first. */
  readonly positions: () => readonly Position[];
  readonly changed: (state: ReplicaState) => void;
}

/**
 * One host of replicas. Behind its name may be several servers in turn, such as Cloud SQL's read pool: each one counts by
 * itself, known by its server_uuid.
 *
 * Its own connections tell how far it is: a session asks before the read that it is lent for, a few times a second.
 */
export class Replica {
  readonly name: string;
  readonly pool: Pool;
  reads = 0;
  readonly #options: Options;
  /** The newest position that each server was seen to have reached. */
  readonly #reached = new Map<string, Position>();
  readonly #lookedAt = new Map<string, number>();
  /** All that answered under this name. */
  readonly #servers = new Set<string>();
  #looking = 0;
  #triedAt = Number.NEGATIVE_INFINITY;
  #state: ReplicaState = 'UNKNOWN';
  #lagMs: number | undefined;
  /** Reads that wait for its answer. */
  #running = 0;
  #heardAt = 0;
  #watching: NodeJS.Timeout | undefined;
  #isProbing = false;

  constructor(options: Options) {
    this.name = options.name;
    this.pool = options.pool;
    this.#options = options;
  }

  stats(): ReplicaStats {
    const { name, reads, pool } = this;
    return { name, state: this.#state, lagMs: this.#lagMs, reads, pool: pool.stats() };
  }

  /** Whether a read may go to it now. Where not, it looks by itself whether that has changed. */
  isUsable(now: number): boolean {
    if (this.#isAnyFresh(now)) return true;
    this.#tryAgain(now);
    return false;
  }

  /** Whether the session's server is not behind, at the moment: it is asked where that was long ago. */
  admit(session: Session, answer: (admitted: boolean) => void): void {
    const { server } = session;
    if (server === undefined) {
      answer(false);
      return;
    }
    this.#servers.add(server);
    const now = performance.now();
    const { everyMs } = this.#options;
    const decide = (admitted: boolean) => {
      // Another connection may lead to one that is not behind.
      if (!admitted && this.#servers.size > 1) session.expiresAt = Math.min(session.expiresAt, now);
      answer(admitted);
    };
    if (now - (this.#lookedAt.get(server) ?? Number.NEGATIVE_INFINITY) < everyMs) {
      decide(this.#isFresh(server, now));
      return;
    }
    this.#look(session, server, now, decide);
  }

  /** Runs a read on a session of it, and sees that it is not waited for in vain. */
  execute(session: Session, read: PreparedRead, answer: Answer): void {
    if (this.#running === 0) this.#heardAt = performance.now();
    this.#running += 1;
    this.#watching ??= setInterval(() => this.#watch(), hungMs / 4).unref();
    session.execute(read, (error, rows) => {
      this.#running -= 1;
      this.#heardAt = performance.now();
      answer(error, rows);
    });
  }

  /** A connection of it broke, or none came about. */
  failed(): void {
    this.#reached.clear();
    this.#lookedAt.clear();
    this.#triedAt = performance.now();
    this.#lagMs = undefined;
    this.#set('DOWN');
  }

  /** Where nothing was heard for a while, all reads may wait for a machine that is gone: another connection tells. */
  #watch(): void {
    if (this.#running === 0) {
      clearInterval(this.#watching);
      this.#watching = undefined;
      return;
    }
    if (this.#isProbing || performance.now() - this.#heardAt < hungMs) return;
    this.#isProbing = true;
    const hung = setTimeout(() => this.#giveUp(), hungMs);
    this.pool
      .ask('select 1')
      .then(() => {
        this.#heardAt = performance.now();
      })
      .catch((error: unknown) => {
        // Too many sessions: so it is there.
        if (!hasTooManyConnections(error)) this.#giveUp();
      })
      .finally(() => {
        clearTimeout(hung);
        this.#isProbing = false;
      });
  }

  /** Ends what runs on it, so that it is run elsewhere. */
  #giveUp(): void {
    this.failed();
    this.pool.cut();
  }

  #isFresh(server: string, now: number): boolean {
    const reached = this.#reached.get(server);
    return reached !== undefined && now - reached.at <= this.#options.maxLagMs;
  }

  #look(session: Session, server: string, now: number, answer: (admitted: boolean) => void): void {
    this.#lookedAt.set(server, now);
    const positions = this.#options.positions().slice();
    if (positions.length === 0) {
      answer(false);
      return;
    }
    this.#looking += 1;
    const hung = setTimeout(() => this.#giveUp(), hungMs);
    session.ask(reachedQuery(positions), (error, rows) => {
      clearTimeout(hung);
      this.#looking -= 1;
      if (error !== null) {
        this.failed();
        answer(false);
        return;
      }
      const newest = newestReached(positions, rows?.[0] ?? {});
      if (newest === undefined) this.#reached.delete(server);
      else this.#reached.set(server, newest);
      const answered = performance.now();
      const isFresh = this.#isFresh(server, answered);
      this.#lagMs = newest && answered - newest.at;
      if (isFresh) this.#set('USED');
      else if (!this.#isAnyFresh(answered)) this.#set('BEHIND');
      answer(isFresh);
    });
  }

  #isAnyFresh(now: number): boolean {
    for (const server of this.#reached.keys()) if (this.#isFresh(server, now)) return true;
    return false;
  }

  /** Looks at it with a session that no caller waits for. */
  #tryAgain(now: number): void {
    const { everyMs, positions } = this.#options;
    const pause = this.#state === 'DOWN' ? retryMs : everyMs;
    if (this.#looking > 0 || now - this.#triedAt < pause || positions().length === 0) return;
    this.#triedAt = now;
    this.#looking += 1;
    this.pool.acquire((error, session) => {
      this.#looking -= 1;
      if (session === undefined) {
        if (error !== null) this.failed();
        return;
      }
      this.admit(session, () => session.release());
    });
  }

  #set(state: ReplicaState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.changed(state);
  }
}
