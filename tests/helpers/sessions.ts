import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Config } from '../../src/config/config.ts';
import type { SourceName } from '../../src/source-name.ts';
import { passwordOf } from './driver.ts';

/** A connection of the runtime account that goes through no pool of ours. */
export function connectTo(config: Config, name: SourceName): Promise<Connection> {
  const { host, port, name: database, runtime, tls } = config.databases[name];
  const { user } = runtime;
  const password = passwordOf(runtime);
  return createConnection({ host, port, database, user, password, ssl: { ca: tls.ca ?? '' } });
}

/** Ends sessions; one that has ended by itself meanwhile (1094, ER_NO_SUCH_THREAD) is as good. */
export async function killSessions(
  run: (sql: string) => Promise<unknown>,
  ids: readonly (number | undefined)[],
): Promise<void> {
  for (const id of ids) {
    await run(`kill ${id}`).catch((error: { errno?: number }) => {
      if (error.errno !== 1094) throw error;
    });
  }
}

/** The sessions of the runtime account on the database of a test, seen by one that is not counted. */
export interface SessionCount extends AsyncDisposable {
  now(): Promise<number>;
  /** Resolves when none is left, and throws when there are some after a while. */
  none(): Promise<void>;
}

export async function countSessions(config: Config, name: SourceName): Promise<SessionCount> {
  // One connection, so that no other of ours is counted.
  const connection = await connectTo(config, name);
  const now = async () => {
    const [rows] = await connection.query<RowDataPacket[]>(
      'select count(*) as sessions from information_schema.processlist where db = database() and id <> connection_id()',
    );
    return Number(rows[0]?.sessions);
  };
  return {
    now,
    async none() {
      const deadline = performance.now() + 15_000;
      for (;;) {
        const left = await now();
        if (left === 0) return;
        if (performance.now() > deadline) throw new Error(`${left} sessions are left on ${name}`);
        await delay(20);
      }
    },
    [Symbol.asyncDispose]: () => connection.end(),
  };
}

/** Looks all the time, which costs the server's CPU. */
export interface SessionWatch extends AsyncDisposable {
  /** The most that were there at once, and how often it was looked. */
  most(): { readonly sessions: number; readonly looks: number };
}

export async function watchSessions(config: Config, name: SourceName): Promise<SessionWatch> {
  const count = await countSessions(config, name);
  let sessions = 0;
  let looks = 0;
  let watching = true;
  const watched = (async () => {
    while (watching) {
      sessions = Math.max(sessions, await count.now());
      looks += 1;
      await delay(10);
    }
  })();
  return {
    most: () => ({ sessions, looks }),
    async [Symbol.asyncDispose]() {
      watching = false;
      await watched;
      await count[Symbol.asyncDispose]();
    },
  };
}
