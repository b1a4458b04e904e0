import type { PoolConfig } from '../../config/groups/pool.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';
import type { SourceObserver } from '../observer.ts';
import type { ControlSession } from './control-session.ts';
import { type OrphanedSession, sessionOf } from './kill-session.ts';
import type { OpenConnection } from './open-connection.ts';
import type { Session } from './session.ts';
import type { Share, Slot } from './share.ts';

/** Milliseconds that a server may take to close a connection that said good-bye. */
export const quitMs = 1000;

interface Options {
  readonly source: SourceName;
  readonly observer: SourceObserver | undefined;
  readonly share: () => Pick<Share, 'size' | 'give' | 'holds'>;
  readonly control: () => Pick<ControlSession, 'killWhenPossible'>;
  /** A place is free that was taken. */
  readonly freed: () => void;
  /** One is on its way out: the pool looks at it now and then. */
  readonly leaving: () => void;
  /** None is in use any more. */
  readonly drained: () => void;
}

/**
 * All connections of a pool, each in one state, and the slots that they take: one that was closed or given up keeps its slot
 * until the server is known to have no session of it.
 */
export class PoolConnections {
  /** The last one was used last. */
  readonly idle: Session[] = [];
  readonly busy = new Set<Session>();
  /** Attempts under way. */
  opening = 0;
  /** Said good-bye to, with the time at which that is enough. */
  readonly #leaving = new Map<Session, number>();
  /** Given up; the server may still have them. */
  readonly #orphaned = new Set<Session | OpenConnection>();
  /** Of all of these. */
  readonly #slots = new Map<Session | OpenConnection, Slot>();
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Idle, in use, or being opened. */
  get live(): number {
    return this.idle.length + this.busy.size + this.opening;
  }

  /** Said good-bye to, or given up. */
  get closing(): number {
    return this.#leaving.size + this.#orphaned.size;
  }

  get quitting(): number {
    return this.#leaving.size;
  }

  /** Places that are taken. */
  get taken(): number {
    return this.live + this.closing;
  }

  /** Those of callers. */
  open(): Session[] {
    return [...this.idle, ...this.busy];
  }

  has({ threadId, server }: OrphanedSession): boolean {
    return this.open().some(
      (session) =>
        session.threadId === threadId &&
        (server === undefined || session.server === undefined || session.server === server),
    );
  }

  take(session: Session, slot: Slot): void {
    this.#slots.set(session, slot);
  }

  /** A session on the server has ended, and so has its place. */
  #free(which: Session | OpenConnection): void {
    const slot = this.#slots.get(which);
    if (slot === undefined) return;
    this.#slots.delete(which);
    this.#options.share().give(slot);
  }

  /** Closes those that are not in the share any more: unused ones at once, the others when they are returned. */
  fit(): void {
    const share = this.#options.share();
    const surplus = (session: Session) => !share.holds(this.#slots.get(session) as Slot);
    for (const session of this.busy) if (surplus(session)) session.expiresAt = given;
    for (const session of this.idle.filter(surplus)) this.retireIdle(session, 'share');
    while (this.idle.length > 0 && this.live > share.size) this.retireIdle(this.idle[0] as Session, 'share');
  }

  /** Gives up connections to other servers than this one: all, or those that are read-only; answers how many. */
  leave(server: string, all: boolean): number {
    const others = this.open().filter(
      (session) => session.server !== undefined && session.server !== server && (all || session.demoted),
    );
    for (const session of others) session.expiresAt = moved;
    for (const session of this.idle.filter(({ expiresAt }) => expiresAt === moved)) {
      this.retireIdle(session, 'moved');
    }
    return others.length;
  }

  retireIdle(session: Session, reason = ageOf(session)): void {
    this.idle.splice(this.idle.indexOf(session), 1);
    this.retire(session, reason);
  }

  /** Closes idle ones that have expired, and those beyond `min` that no caller has used for as long. */
  retireUnused(now: number, { idleTimeoutMs, min }: Pick<PoolConfig, 'idleTimeoutMs' | 'min'>): void {
    for (const session of [...this.idle]) {
      const expired = now >= session.expiresAt;
      const unused = now - session.answeredAt >= idleTimeoutMs && this.idle.length + this.busy.size > min;
      if (expired || unused) this.retireIdle(session, expired ? undefined : 'idle');
    }
  }

  /** Says good-bye to one that is neither idle nor in use any more. */
  retire(session: Session, reason = ageOf(session)): void {
    const { source, observer, leaving, freed } = this.#options;
    this.#leaving.set(session, performance.now() + quitMs);
    observer?.closed?.(source, reason);
    leaving();
    session.end(() => {
      if (!this.#leaving.delete(session)) return;
      this.#free(session);
      freed();
    });
  }

  /** One is of no use any more. `gone`: the server has no session of it either. */
  lost(session: Session, error: Error, gone: boolean): void {
    const { source, observer, drained } = this.#options;
    const at = this.idle.indexOf(session);
    if (at !== -1) this.idle.splice(at, 1);
    if (this.busy.delete(session) && this.busy.size === 0) drained();
    observer?.closed?.(source, error instanceof TandemError ? error.code.toLowerCase() : 'broken');
    if (gone) this.#free(session);
    else this.#orphan(session, session);
  }

  /** An attempt failed, and the server may have a session of it. */
  failed(link: OpenConnection, slot: Slot, startedAt: number): void {
    this.#slots.set(link, slot);
    this.#orphan(link, sessionOf(link, startedAt));
  }

  /** Gives up those that do not end. */
  sweep(now: number): void {
    for (const [session, enough] of this.#leaving) {
      if (now < enough) continue;
      this.#leaving.delete(session);
      session.cut();
      this.#orphan(session, session);
    }
  }

  /** Keeps its place until the server is known to have no session of it. */
  #orphan(which: Session | OpenConnection, { threadId, bornAt, server }: OrphanedSession): void {
    const { control, freed } = this.#options;
    this.#orphaned.add(which);
    control().killWhenPossible({ threadId, bornAt, server }, () => {
      this.#orphaned.delete(which);
      this.#free(which);
      freed();
    });
  }
}

/** When a connection expires whose place another process has. */
const given = -1;

/** When a connection expires whose server is not the one any more to which the name leads. */
const moved = Number.NEGATIVE_INFINITY;

/** Why a connection that has expired is closed. */
function ageOf({ expiresAt }: Session): string {
  if (expiresAt === given) return 'share';
  return expiresAt === moved ? 'moved' : 'lifetime';
}
