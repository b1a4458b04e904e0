import { isEnd } from './connection-errors.ts';
import type { Connect, OpenConnection } from './open-connection.ts';
import type { SessionSettings } from './session-settings.ts';

/** The server ends a control session by itself after this time, so that a lost one needs no KILL. */
const waitTimeoutS = 1;

/** Milliseconds without a statement after which the server ends a lasting one, and frees its locks. */
export const leaseMs = 3000;

/** The settings of the control session. */
export const controlSettings: SessionSettings = { wait_timeout: waitTimeoutS };

/** The settings of a lasting one: it sends a statement more often than that. */
export const leaseSettings: SessionSettings = { wait_timeout: leaseMs / 1000 };

/** Milliseconds after which it is closed when there is nothing to do; well before the server does it. */
const idleMs = 250;

/** The server at the other end. */
export interface ControlledServer {
  readonly link: OpenConnection;
  /** When it started, on our clock, give or take a second; unknown until the first KILL. */
  startedAt?: number;
}

export interface ControlLinkOptions {
  readonly connect: Connect;
  /** Milliseconds that a statement may take. */
  readonly timeoutMs: number;
  /** It stays open when it has nothing to do, since it holds the locks of this process. */
  readonly lasting: boolean;
  readonly pause: (ms: number) => Promise<void>;
  /** Whether its owner still needs it, so that it is not closed when idle. */
  readonly isBusy: () => boolean;
  /** An attempt failed, and the server may have its session. */
  readonly failed: (link: OpenConnection, startedAt: number) => void;
}

/** The one connection of a control session: opened when there is something to do, one at a time. */
export interface ControlLink {
  /** The server, by the connection that there is, or by a new one after `ended`. */
  connected(ended?: Promise<void>): Promise<ControlledServer>;
  run<R>(server: ControlledServer, sql: string): Promise<R[]>;
  ask<R>(sql: string): Promise<R[]>;
  /** Closes it when it has been idle for a while. */
  rest(): void;
  /** Takes `rest` back. */
  stay(): void;
  hangUp(): Promise<void>;
  readonly open: boolean;
}

export function createControlLink({
  connect,
  timeoutMs,
  lasting,
  pause,
  isBusy,
  failed,
}: ControlLinkOptions): ControlLink {
  const silentMs = lasting ? leaseMs : waitTimeoutS * 1000;
  let server: Promise<ControlledServer> | undefined;
  let open = false;
  /** The connection in use; all others have been dropped. */
  let current: OpenConnection | undefined;
  let notBefore = 0;
  let idle: NodeJS.Timeout | undefined;

  function connected(ended?: Promise<void>): Promise<ControlledServer> {
    server ??= (async () => {
      await ended;
      const wait = notBefore - performance.now();
      if (wait > 0) await pause(wait);
      return new Promise<ControlledServer>((resolve, reject) => {
        open = true;
        const startedAt = performance.now();
        connect((error, link) => {
          if (error !== null) {
            open = false;
            if (link !== undefined) failed(link, startedAt);
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

  function run<R>({ link }: ControlledServer, sql: string): Promise<R[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        drop(link);
        // It was silent for longer than the server lets it be.
        if (timeoutMs >= silentMs) notBefore = 0;
        reject(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' }));
      }, timeoutMs);
      link.connection.query({ sql, rowsAsArray: false }, (error, rows) => {
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
      if (!isBusy()) void hangUp();
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

  return {
    connected,
    run,
    ask,
    rest,
    stay: () => clearTimeout(idle),
    hangUp,
    get open() {
      return open;
    },
  };
}
