import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../../util/within.ts';
import { createControlLink } from './control-link.ts';
import { killSession, type OrphanedSession, sessionOf } from './kill-session.ts';
import type { Connect } from './open-connection.ts';

export interface ControlSessionOptions {
  readonly connect: Connect;
  /** Milliseconds that a statement may take. */
  readonly timeoutMs: number;
  /** It stays open when it has nothing to do, since it holds the locks of this process. */
  readonly lasting?: boolean;
  /** Whether a session in use has this id on this server: then the orphaned one has ended, and MySQL gave its id away. */
  readonly isLive: (session: OrphanedSession) => boolean;
  /** The server answers. */
  readonly up: () => void;
  /** An attempt begins that shows whether it does. */
  readonly trying: () => void;
  readonly down: (error: Error) => void;
}

/**
 * The pool's one connection for itself: it ends orphaned sessions on the server, finds out whether a server that was
 * away is back, and asks for its state. It opens when there is something to do.
 */
export interface ControlSession {
  /** Ends a session on the server; `freed` is called when the server has it no more. */
  killWhenPossible(session: OrphanedSession, freed: () => void): void;
  /** Tries until the server answers. */
  probe(): void;
  /** Runs a statement and answers its rows. */
  ask<R>(sql: string): Promise<R[]>;
  /**
   * The server_uuid of the server to which the host's name leads now: a new lookup and a new connection. Undefined where the
   * server does not tell.
   */
  server(): Promise<string | undefined>;
  /** Whether it holds a connection now. */
  readonly open: boolean;
  /** Gives up the connection until there is something to do. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

/** Sessions of its own among those to end: a server that lets all attempts hang would have ever more of them. */
const mostOrphans = 20;

/** Milliseconds between looks at sessions that take their time to end. */
const lookAgainMs = 20;
const firstPauseMs = 250;
const longestPauseMs = 1000;
/** To try a wrong password again does not help: servers lock accounts for that, and commands cost a process. */
const pauseAfterRefusalMs = 5000;

/** ER_ACCESS_DENIED_ERROR and the like, and a command that gives no password. */
const refusals: ReadonlySet<unknown> = new Set([
  1045,
  1130,
  1698,
  3118,
  1862,
  'PASSWORD_COMMAND_FAILED',
  'PASSWORD_COMMAND_TIMEOUT',
]);

export function createControlSession({
  connect,
  timeoutMs,
  lasting = false,
  isLive,
  up,
  trying,
  down,
}: ControlSessionOptions): ControlSession {
  const orphaned = new Map<OrphanedSession, () => void>();
  let probing = false;
  let pending: Promise<void> | undefined;
  const closing = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { ref: false, signal: closing.signal }).catch(() => {});
  const link = createControlLink({
    connect,
    timeoutMs,
    lasting,
    pause,
    isBusy: () => pending !== undefined,
    // It has no wait_timeout yet, so it would not end by itself.
    failed(link, startedAt) {
      if (orphaned.size < mostOrphans) killWhenPossible(sessionOf(link, startedAt));
    },
  });

  /** Goes on until nothing is left to do; one at a time. */
  function runPending(): Promise<void> {
    pending ??= work().finally(() => {
      pending = undefined;
      link.rest();
    });
    return pending;
  }

  async function work(): Promise<void> {
    let wait = 0;
    while (!closing.signal.aborted && (probing || orphaned.size > 0)) {
      let reached = false;
      try {
        if (probing) trying();
        const at = await link.connected();
        if (probing) await link.run(at, 'select 1');
        reached = true;
        probing = false;
        up();
        for (const [session, freed] of [...orphaned]) {
          if (!isLive(session) && !(await killSession(link, at, session))) continue;
          orphaned.delete(session);
          freed();
        }
        wait = orphaned.size > 0 ? lookAgainMs : 0;
      } catch (error) {
        // A connection that broke later says nothing about whether there can be another.
        if (!reached) down(error as Error);
        const { errno, code } = error as NodeJS.ErrnoException;
        const longest = refusals.has(errno) || refusals.has(code) ? pauseAfterRefusalMs : longestPauseMs;
        wait = reached ? lookAgainMs : Math.min(longest, Math.max(firstPauseMs, wait * 2));
      }
      if (wait > 0) await pause(wait);
    }
  }

  function killWhenPossible(session: OrphanedSession, freed = () => {}): void {
    orphaned.set(session, freed);
    void runPending();
  }

  return {
    killWhenPossible,
    probe() {
      probing = true;
      void runPending();
    },
    ask: link.ask,
    async server() {
      // While it ends sessions, its connection is a new one.
      const at = await link.connected(pending === undefined ? link.hangUp() : undefined);
      link.rest();
      return at.link.server;
    },
    get open() {
      return link.open;
    },
    leave: link.hangUp,
    async close() {
      link.stay();
      // Those that the server still has are ended if it answers at once.
      if (orphaned.size > 0) await within(500, runPending(), undefined);
      closing.abort();
      // One that is still being opened is closed when it is.
      await within(500, link.hangUp(), undefined);
    },
  };
}
