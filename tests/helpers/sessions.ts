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

/** Looks at a server's sessions with one of its own, which it does not count. */
export interface SessionWatch extends AsyncDisposable {
  /** Sessions of the runtime account on the database of the test. */
  now(): Promise<number>;
  /** The most that were there at once since the last call, and how often it was looked. */
  most(): { readonly sessions: number; readonly looks: number };
  /** Resolves when none is left, and throws when there are some after a while. */
  none(): Promise<void>;
}

export async function watchSessions(config: Config, name: SourceName): Promise<SessionWatch> {
  // One connection, so that no other of ours is counted.
  const connection = await connectTo(config, name);
  const now = async () => {
    const [rows] = await connection.query<RowDataPacket[]>(
      'select count(*) as sessions from information_schema.processlist where db = database() and id <> connection_id()',
    );
    return Number(rows[0]?.sessions);
  };
  let sessions = 0;
  let looks = 0;
  let watching = true;
  const watched = (async () => {
    while (watching) {
      sessions = Math.max(sessions, await now());
      looks += 1;
      await delay(5);
    }
  })();
  return {
    now,
    most() {
      const result = { sessions, looks };
      sessions = 0;
      looks = 0;
      return result;
    },
    async none() {
      const deadline = performance.now() + 15_000;
      for (;;) {
        const left = await now();
        if (left === 0) return;
        if (performance.now() > deadline) throw new Error(`${left} sessions are left on ${name}`);
        await delay(10);
      }
    },
    async [Symbol.asyncDispose]() {
      watching = false;
      await watched;
      await connection.end();
    },
  };
}
