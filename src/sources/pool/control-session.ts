import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../../util/within.ts';
import { isEnd } from './is-end.ts';
import type { Connect, OpenConnection } from './open-connection.ts';
import type { SessionSettings } from './session-settings.ts';

/** A session that the pool has given up, and that the server may still have. */
export interface OrphanedSession {
  readonly threadId: number;
  /** On the clock of `performance.now()`. */
  readonly bornAt: number;
  /** The server that it is a session of; undefined where that is not known. */
  readonly server?: string | undefined;
}

/** The session of a link that is of no use. It is at most as old as the attempt that made it. */
export function sessionOf({ connection, server }: OpenConnection, startedAt: number): OrphanedSession {
  return { threadId: connection.threadId as number, bornAt: startedAt, server };
}

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

/** The server ends a control session by itself after this time, so that a lost one needs no KILL. */
const waitTimeoutS = 1;

/** Milliseconds without a statement after which the server ends a lasting one, and frees its locks. */
export const leaseMs = 3000;

/** What the control session begins with. */
export const controlSettings: SessionSettings = { wait_timeout: waitTimeoutS };

/** What a lasting one begins with: it sends a statement more often than that. */
export const leaseSettings: SessionSettings = { wait_timeout: leaseMs / 1000 };

/** Milliseconds after which it is closed when there is nothing to do; well before the server does it. */
const idleMs = 250;

/** Sessions of its own among those to end: a server that lets all attempts hang would have ever more of them. */
const mostOrphans = 20;

/** Milliseconds between looks at sessions that take their time to end. */
const lookAgainMs = 20;
const firstPauseMs = 250;
const longestPauseMs = 1000;
/** To try a wrong password again does not help: servers lock accounts for that, and commands cost a process. */
const pauseAfterRefusalMs = 5000;

/** ER_NO_SUCH_THREAD; ER_KILL_DENIED_ERROR: another account's session has the id by now. */
const gone: ReadonlySet<unknown> = new Set([1094, 1095]);
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

interface Server {
  readonly link: OpenConnection;
  /** When it started, on our clock, give or take a second; unknown until the first KILL. */
  startedAt?: number;
}

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
  const silentMs = lasting ? leaseMs : waitTimeoutS * 1000;
  let server: Promise<Server> | undefined;
  let open = false;
  /** The connection in use; all others have been dropped. */
  let current: OpenConnection | undefined;
  let probing = false;
  let pending: Promise<void> | undefined;
  let notBefore = 0;
  let idle: NodeJS.Timeout | undefined;
  const closing = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { ref: false, signal: closing.signal }).catch(() => {});

  function connected(ended?: Promise<void>): Promise<Server> {
    server ??= (async () => {
      await ended;
      const wait = notBefore - performance.now();
      if (wait > 0) await pause(wait);
      return new Promise<Server>((resolve, reject) => {
        open = true;
        const startedAt = performance.now();
        connect((error, link) => {
          if (error !== null) {
            open = false;
            // It has no wait_timeout yet, so it would not end by itself.
            if (link !== undefined && orphaned.size < mostOrphans)
              killWhenPossible(sessionOf(link, startedAt));
            reject(error);
            return;
          }
          current = link as OpenConnection;
          current.connection.on('error', (error) => drop(link as OpenConnection, error));
          resolve({ link: link as OpenConnection });
        });
      });
    })();
    server.catch(() => {
      server = undefined;
    });
    return server;
  }

  /** Forgets a connection that failed; the server ends its session when it has been silent for long enough. */
  function drop(link: OpenConnection, error?: Error): void {
    link.cut();
    if (link !== current) return;
    current = undefined;
    open = false;
    server = undefined;
    // The server closed it, so it has no session of it.
    if (isEnd(error)) return;
    notBefore = performance.now() + silentMs;
  }

  function run<R>({ link }: Server, sql: string): Promise<R[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        drop(link);
        // It was silent for longer than the server lets it be.
        if (timeoutMs >= silentMs) notBefore = 0;
        reject(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' }));
      }, timeoutMs);
      link.connection.query(sql, (error, rows) => {
        clearTimeout(timer);
        if (error === null) resolve(rows as R[]);
        else {
          if (error.fatal) drop(link, error);
          reject(error);
        }
      });
    });
  }

  async function ask<R>(sql: string): Promise<R[]> {
    clearTimeout(idle);
    try {
      return await run<R>(await connected(), sql);
    } finally {
      rest();
    }
  }

  /** Closes the connection when it has been idle for a while. */
  function rest(): void {
    clearTimeout(idle);
    if (lasting) return;
    idle = setTimeout(() => {
      if (pending === undefined) void hangUp();
    }, idleMs).unref();
  }

  async function hangUp(): Promise<void> {
    const was = server;
    server = undefined;
    current = undefined;
    const link = await was?.then(({ link }) => link).catch(() => undefined);
    if (link === undefined || link.socket.destroyed) {
      open = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => link.cut(), idleMs);
      link.socket.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      link.connection.end(() => {});
    });
    open = false;
  }

  async function isGone(at: Server, session: OrphanedSession): Promise<boolean> {
    const { threadId, bornAt, server } = session;
    if (isLive(session)) return true;
    // The name leads to another server by now, where another session has the id.
    if (server !== undefined && at.link.server !== undefined && server !== at.link.server) return true;
    at.startedAt ??= await startOf(at);
    // A server that started since has none of the sessions of before, and perhaps others with their ids.
    if (at.startedAt > bornAt + 1000) return true;
    try {
      await run(at, `kill connection ${threadId}`);
      return false;
    } catch (error) {
      if (gone.has((error as { errno?: unknown }).errno)) return true;
      throw error;
    }
  }

  async function startOf(at: Server): Promise<number> {
    const [row] = await run<{ Value: string }>(at, "show global status like 'Uptime'");
    return performance.now() - Number(row?.Value ?? Number.POSITIVE_INFINITY) * 1000;
  }

  /** Goes on until nothing is left to do; one at a time. */
  function runPending(): Promise<void> {
    pending ??= work().finally(() => {
      pending = undefined;
      rest();
    });
    return pending;
  }

  async function work(): Promise<void> {
    let wait = 0;
    while (!closing.signal.aborted && (probing || orphaned.size > 0)) {
      let reached = false;
      try {
        if (probing) trying();
        const at = await connected();
        if (probing) await run(at, 'select 1');
        reached = true;
        probing = false;
        up();
        for (const [session, freed] of [...orphaned]) {
          if (!(await isGone(at, session))) continue;
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
    ask,
    async server() {
      // While it ends sessions, its connection is a new one.
      const { link } = await connected(pending === undefined ? hangUp() : undefined);
      rest();
      return link.server;
    },
    get open() {
      return open;
    },
    leave: hangUp,
    async close() {
      clearTimeout(idle);
      // Those that the server still has are ended if it answers at once.
      if (orphaned.size > 0) await within(500, runPending());
      closing.abort();
      // One that is still being opened is closed when it is.
      await within(500, hangUp());
    },
  };
}
