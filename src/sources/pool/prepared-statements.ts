import { tracingChannel } from 'node:diagnostics_channel';
import { LRUCache } from 'lru-cache';
import type { Connection, FieldPacket, PrepareStatementInfo, QueryError, RowDataPacket } from 'mysql2';
import { withValues } from '../../sql/literal.ts';
import { asObjects, asPrepared } from './driver-results.ts';
import { bytesBesideValue, type PreparedStatement, packetBytes, preparedSize } from './prepared-statement.ts';

type Answer = (error: QueryError | null, result?: unknown) => void;

/**
 * The limits of one session's prepared statements: a server allows so many for all sessions together (max_prepared_stmt_count, 16,382 by
 * default), and each weighs on both sides, with what both know of every value.
 */
const most = { statements: 100, bytes: 2 * 1024 * 1024, bytesOfOne: 320 * 1024 } as const;

/** Values that a prepared statement can have: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_prepare.html */
const mostValues = 65_535;

/** Characters that no server is set up to refuse: preflight asks for 64 times as many bytes. */
const surelyFits = 64 * 1024;

/** Milliseconds after which a session that found no room for a prepared statement looks for it again. */
const againMs = 1000;

/** Settings of a connection whose statements these are. */
export const connectionSettings = {
  // mysql2 bounds them by number alone; ours come first.
  maxPreparedStatements: most.statements + 2,
  // Rows of a prepared statement come as the connection says.
  rowsAsArray: true,
  // mysql2 looks through each text for the places of values; its texts come without any.
  queryFormat: (sql: string) => sql,
} as const;

/** Where mysql2 tells of the statements that it executes: https://sidorares.github.io/node-mysql2/docs/documentation/tracing-channels */
const executing = tracingChannel<unknown, object>('mysql2:execute');

/** A statement that the server has prepared, and what it takes here. */
interface Kept {
  readonly sql: string;
  readonly prepared: PrepareStatementInfo;
  readonly size: number;
}

/**
 * The statements with values of one connection. Values are bound, so that they cannot be taken for SQL. Statements that come
 * again stay prepared, the latest used; large ones run as text.
 *
 * It keeps what mysql2's `prepare` returns: its `execute` looks that up by the whole text and the options of a statement, each time.
 */
export class PreparedStatements {
  readonly #connection: Connection;
  readonly #kept: LRUCache<string, Kept>;
  #textUntil = Number.NEGATIVE_INFINITY;
  /** Bytes of a statement that the server takes, once it was asked. */
  #maxPacket: number | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#kept = new LRUCache({
      max: most.statements,
      maxSize: most.bytes,
      maxEntrySize: most.bytesOfOne,
      sizeCalculation: ({ size }) => size,
      // mysql2 keeps it, too, and closes it on the server.
      dispose: ({ sql }) => this.#connection.unprepare(sql),
    });
  }

  /** Runs a statement that has no values. */
  query(sql: string, answer: Answer): void {
    this.#fitting(
      sql.length,
      () => Buffer.byteLength(sql),
      answer,
      () => this.#connection.query({ sql, rowsAsArray: false }, answer),
    );
  }

  /** Runs a statement that has some. */
  run(statement: PreparedStatement, now: number, answer: Answer): void {
    const { sql, values } = statement;
    // One that is too large to stay prepared would be prepared for once, which costs more than its values as text.
    if (now < this.#textUntil || values.length > mostValues || preparedSize(statement) > most.bytesOfOne)
      this.#runAsText(statement, answer);
    else {
      let length = sql.length + values.length * bytesBesideValue;
      for (const value of values)
        if (typeof value === 'string' || Buffer.isBuffer(value)) length += value.length;
      if (length <= surelyFits) this.#prepare(statement, now, answer);
      else
        this.#fitting(
          length,
          () => packetBytes(statement),
          answer,
          () => this.#prepare(statement, now, answer),
        );
    }
  }

  #prepare(statement: PreparedStatement, now: number, answer: Answer): void {
    const { sql } = statement;
    const kept = this.#kept.get(sql);
    if (kept !== undefined) {
      this.#execute(kept.prepared, statement, now, answer);
      return;
    }
    this.#connection.prepare(sql, (error, prepared) => {
      if (error !== null) {
        this.#failed(error, statement, now, answer);
        return;
      }
      this.#kept.set(sql, { sql, prepared, size: preparedSize(statement) });
      this.#execute(prepared, statement, now, answer);
    });
  }

  #execute(prepared: PrepareStatementInfo, statement: PreparedStatement, now: number, answer: Answer): void {
    const { sql, values, rowsAsArray } = statement;
    const answered = (error: QueryError | null, result?: unknown, fields?: FieldPacket[]) => {
      if (error !== null) this.#failed(error, statement, now, answer);
      else answer(null, rowsAsArray ? result : asObjects(result, fields));
    };
    if (!executing.hasSubscribers) {
      prepared.execute(values, answered);
      return;
    }
    const { database, host, port } = this.#connection.config;
    const about = { query: sql, values, database, serverAddress: host, serverPort: port };
    executing.traceCallback(
      (traced: Answer) => prepared.execute(values, traced),
      0,
      about,
      undefined,
      answered,
    );
  }

  #failed(error: QueryError, statement: PreparedStatement, now: number, answer: Answer): void {
    if (!unprepared.has(error.errno)) {
      answer(error);
      return;
    }
    this.#kept.delete(statement.sql);
    if (error.errno === tooMany) this.#textUntil = now + againMs;
    this.#runAsText(statement, answer);
  }

  #runAsText({ sql, values, rowsAsArray }: PreparedStatement, answer: Answer): void {
    let text: string;
    try {
      text = withValues(sql, values);
    } catch (error) {
      answer(error as QueryError);
      return;
    }
    this.#fitting(
      text.length,
      () => Buffer.byteLength(text),
      answer,
      () => this.#connection.query({ sql: text, rowsAsArray, typeCast: asPrepared }, answer),
    );
  }

  /**
   * Sends what the server takes. From a statement that is larger than max_allowed_packet it hangs up, and then often the
   * driver only knows that the connection is lost.
   */
  #fitting(length: number, bytes: () => number, answer: Answer, send: () => void): void {
    if (length <= surelyFits) send();
    else if (this.#maxPacket !== undefined) {
      if (bytes() < this.#maxPacket) send();
      else answer(tooLarge());
    } else {
      const sql = 'select @@max_allowed_packet as bytes';
      this.#connection.query<RowDataPacket[]>({ sql, rowsAsArray: false }, (error, rows) => {
        if (error !== null) {
          answer(error);
          return;
        }
        this.#maxPacket = Number(rows[0]?.bytes);
        this.#fitting(length, bytes, answer, send);
      });
    }
  }
}

/** The server's own error. */
function tooLarge(): QueryError {
  const message = 'The statement is larger than the server takes.';
  return Object.assign(new Error(message), { code: 'ER_NET_PACKET_TOO_LARGE', errno: 1153, fatal: false });
}

/** ER_MAX_PREPARED_STMT_COUNT_REACHED */
const tooMany = 1461;

/**
 * Errors after which the same statement runs as text, since it has not run: too many are prepared on the server; it cannot be
 * prepared (1295), or has to be again and again (1615); something between has forgotten it (1243); or a value has characters that its
 * column cannot hold (3988), where MySQL names the column only of text.
 */
const unprepared: ReadonlySet<number | undefined> = new Set([tooMany, 1295, 1615, 1243, 3988]);
