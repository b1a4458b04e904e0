import type { Connect, OpenConnection } from '../sources/pool/open-connection.ts';
import { PreparedStatements } from '../sources/pool/prepared-statements.ts';
import type { Value } from '../sql/literal.ts';
import { quoteName } from '../sql/quote.ts';

/** A connection of the migrator's own, in no pool: its settings stay with it, and end with it. */
export interface MigratorSession {
  /** The server's number of the connection. */
  readonly id: number;
  /** Whether the connection has ended. */
  readonly closed: boolean;
  /** A table of the database, by its full name: a migration may have said USE. */
  table(name: string): string;
  query<R = Record<string, unknown>>(sql: string, values?: readonly Value[]): Promise<R[]>;
  /** Runs several statements in one transaction. */
  transaction(work: () => Promise<void>): Promise<void>;
  /** Goes on with a new connection, without the settings of the old one. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Connects. */
export async function openSession(connect: Connect, database: string): Promise<MigratorSession> {
  let link = await opened(connect);
  let statements: PreparedStatements;
  let closed = false;

  function open(next: OpenConnection): void {
    link = next;
    statements = new PreparedStatements(next.connection);
    closed = false;
    // An error without a listener ends the process; the next statement meets it too.
    next.connection.on('error', () => {});
    next.socket.once('close', () => {
      if (link === next) closed = true;
    });
  }
  open(link);

  const query = <R>(sql: string, values: readonly Value[] = []) =>
    new Promise<R[]>((answer, fail) => {
      const settle = (error: Error | null, rows?: unknown) =>
        error === null ? answer(rows as R[]) : fail(error);
      if (values.length === 0) statements.query(sql, settle);
      else statements.run({ sql, values, rowsAsArray: false }, performance.now(), settle);
    });

  const session: MigratorSession = {
    get id() {
      return link.connection.threadId as number;
    },
    get closed() {
      return closed;
    },
    table: (name) => `${quoteName(database)}.${quoteName(name)}`,
    query,
    async transaction(work) {
      await query('begin');
      try {
        await work();
        await query('commit');
      } catch (failure) {
        await query('rollback').catch(() => {});
        throw failure;
      }
    },
    async renew() {
      await session.close();
      open(await opened(connect));
    },
    async close() {
      const { connection, cut } = link;
      if (!closed) {
        await new Promise<void>((ended) => {
          const late = setTimeout(ended, quitMs);
          connection.end(() => {
            clearTimeout(late);
            ended();
          });
        });
      }
      cut();
    },
  };
  return session;
}

/** Milliseconds that a server may take to close a connection that said good-bye. */
const quitMs = 1000;

function opened(connect: Connect): Promise<OpenConnection> {
  return new Promise((resolve, reject) => {
    connect((error, link) => {
      if (error === null && link !== undefined) resolve(link);
      else reject(error);
    });
  });
}
