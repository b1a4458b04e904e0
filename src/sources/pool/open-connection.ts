import { connect as connectSocket, type Socket } from 'node:net';
import {
  type Connection,
  createConnection,
  type QueryError,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2';
import type { Account, DatabaseConfig } from '../../config/groups/database.ts';
import { certificateAuthority } from './certificate-authority.ts';
import { tokenLogin } from './clear-password.ts';
import { sharedLookup } from './dns-lookup.ts';
import type { Passwords } from './passwords.ts';
import { connectionSettings } from './prepared-statements.ts';
import { setStatement, statusProblem } from './session-settings.ts';
import { tlsOptions } from './tls-options.ts';

/** A connection that is logged in, and the socket below it. */
export interface OpenConnection {
  readonly connection: Connection;
  /** The server's server_uuid, which no other has; undefined where the server does not give it. */
  server?: string;
  /** The TCP socket, which tells of its end. Never destroy it: `cut()` does that. */
  readonly socket: Socket;
  /**
   * Ends the connection at once, which mysql2's own `destroy()` does not: through TLS, where it is that far. A TCP socket
   * that is destroyed below its TLS takes the whole process with it when OpenSSL happens to be reading.
   */
  cut(): void;
  /** Reports the bytes that come, before the driver has read them. */
  received(report: (bytes: number) => void): void;
}

/**
 * Called once: with a link, or with the reason why there is none. A link beside an error is one that the server may have a session of, and
 * which is of no use.
 */
export type Opened = (error: Error | null, link?: OpenConnection) => void;
/** `claim`: the lock that the session takes for as long as it exists. */
export type Connect = (opened: Opened, claim?: string) => void;

export interface ConnectOptions {
  /** Milliseconds for all of it: finding the address, TCP, TLS, login, and the session's settings. */
  readonly timeoutMs: number;
  /** The statement that sets the session up before anything else runs in it. */
  readonly setUp?: string;
}

/** Makes connections to one database. The values that it reads are those that MikroORM's mysql driver expects. */
export function connector(
  database: DatabaseConfig,
  account: Account,
  passwords: Passwords,
  lookup = sharedLookup(),
): (options: ConnectOptions) => Connect {
  const { host, port, name } = database;
  const authority = certificateAuthority(database.tls);
  // One object for all: mysql2 keeps TLS sessions and contexts by it.
  let ssl = tlsOptions(database);

  async function refreshAuthority(): Promise<void> {
    const ca = await authority();
    if (ca !== undefined && ca !== ssl.ca) ssl = { ...ssl, ca };
  }

  function logIn(password: string, timeoutMs: number, setUp: string, opened: Opened, claim?: string): void {
    let settled = false;
    let socket: Socket | undefined;
    const connection = createConnection({
      host,
      port,
      user: account.user,
      password,
      database: name,
      charset: 'utf8mb4',
      timezone: 'Z',
      supportBigNumbers: true,
      dateStrings: true,
      ...connectionSettings,
      ssl,
      ...tokenLogin(account),
      // Ours bounds more than the handshake.
      connectTimeout: 0,
      stream: () => {
        socket = connectSocket({
          host,
          port,
          lookup,
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay,
        });
        return socket;
      },
    });
    const link: OpenConnection = {
      connection,
      socket: socket as unknown as Socket,
      cut: () => void streamOf(connection).destroy(),
      received: (report) =>
        void streamOf(connection).prependListener('data', (chunk: Buffer) => report(chunk.length)),
    };

    const settle = (error: Error | null) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      connection.off('error', settle);
      if (error === null) {
        opened(null, link);
        return;
      }
      // mysql2's error about the end is of no interest any more, but without a listener it would end the process.
      connection.on('error', () => {});
      link.cut();
      const loggedIn = connection.threadId !== null && connection.threadId !== undefined;
      opened(error, loggedIn ? link : undefined);
    };
    const identify = () => {
      const claimed = claim === undefined ? '' : `, get_lock('${claim}', ${claimS}) as claimed`;
      const sql = `select @@server_uuid as server${claimed}`;
      connection.query<RowDataPacket[]>({ sql, rowsAsArray: false }, (error, rows) => {
        link.server = rows?.[0]?.server;
        if (claim !== undefined && rows?.[0]?.claimed !== 1) settle(error ?? notClaimed());
        // A server without a server_uuid counts as the one that the name leads to.
        else settle(error?.fatal === true ? error : null);
      });
    };
    const timer = setTimeout(() => settle(timedOut()), timeoutMs);
    connection.on('error', settle);
    connection.once('connect', () => {
      connection.query<ResultSetHeader>(setUp, (error, header) => {
        const problem = error === null ? notAsSet(header.serverStatus) : refused(error);
        if (problem === null) identify();
        else settle(problem);
      });
    });
  }

  return ({ timeoutMs, setUp = setStatement() }) =>
    (opened, claim) => {
      const giveUpAt = performance.now() + timeoutMs;
      const leftMs = () => giveUpAt - performance.now();
      const attempt = async (): Promise<void> => {
        const [{ password, kept }] = await Promise.all([passwords.get(leftMs()), refreshAuthority()]);
        const answered: Opened = (error, link) => {
          const wrong = refusesPassword(error);
          if (wrong) passwords.forget(password);
          // The password may have been replaced since: the login then tries the new one.
          if (wrong && kept) attempt().catch(opened);
          else opened(error, link);
        };
        logIn(password, leftMs(), setUp, answered, claim);
      };
      attempt().catch(opened);
    };
}

/** mysql2's own: the TCP socket, then what is TLS above it. Its types leave it out. */
function streamOf(connection: Connection): Socket {
  return (connection as unknown as { readonly stream: Socket }).stream;
}

/** Whether another password may be the right one: SQLSTATE 28000 is "invalid authorization", the clouds' own numbers too. */
function refusesPassword(error: Error | null): boolean {
  const { errno, sqlState } = (error ?? {}) as { readonly errno?: number; readonly sqlState?: string };
  return sqlState === '28000' || errno === wayNotSupported || errno === passwordExpired;
}

/** The server's error about a setting, unless the connection itself failed. */
function refused(error: QueryError): Error {
  return error.fatal === true ? error : Object.assign(error, { reason: 'SETTINGS_REFUSED' });
}

function notAsSet(serverStatus: number): Error | null {
  const problem = statusProblem(serverStatus);
  if (problem === null) return null;
  return Object.assign(new Error(`The session ${problem}.`), {
    reason: 'SETTINGS_REFUSED',
    code: 'SETTINGS_REFUSED',
  });
}

/** Seconds for the session that had the lock before to end: its connection was closed just now. */
const claimS = 1;

/** The lock is still with another session. */
function notClaimed(): Error {
  return Object.assign(new Error('Another session has the slot.'), { code: slotInUse });
}

export const slotInUse = 'SLOT_IN_USE';

/** ER_NOT_SUPPORTED_AUTH_MODE */
const wayNotSupported = 1251;
/** ER_MUST_CHANGE_PASSWORD_LOGIN */
const passwordExpired = 1862;

/** 5 s instead of the system's hours: connections whose other end is gone are noticed. */
const keepAliveInitialDelay = 5000;

/** Node's error of a connection that does not come about. */
function timedOut(): Error {
  return Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' });
}
