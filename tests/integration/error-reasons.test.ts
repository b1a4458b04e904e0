import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeError } from '../../src/commands/describe-error.ts';
import type { DatabaseConfig } from '../../src/config/groups/database.ts';
import { codeOf, explainReason, type Reason, reasons } from '../../src/errors/explain-reason.ts';
import { fromMysql } from '../../src/errors/from-mysql.ts';
import { choosePort } from '../../src/local/ports.ts';
import { namesIn } from '../../src/sources/api-names.ts';
import { openSource, type Source } from '../../src/sources/source.ts';
import { pool, serverPair, testConfig } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { entityMetadata } from '../helpers/metadata.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { startServer } from '../helpers/server.ts';
import { listen } from '../helpers/tcp-listener.ts';

const native = await hasNativeServer();
const namespaces = await promisify(execFile)('unshare', ['-rn', 'true']).then(
  () => true,
  () => false,
);
const day = 86_400_000;

let own: OwnServer;
let xPort: number;

beforeAll(async () => {
  if (!native) return;
  xPort = await choosePort([], new Set());
  own = await startOwnServer({
    more: [
      '--mysqlx=ON',
      `--mysqlx-port=${xPort}`,
      '--mysqlx-bind-address=127.0.0.1',
      `--mysqlx-socket=${join(tmpdir(), `tandem-x-${xPort}.sock`)}`,
    ],
  });
  await own.sql('create table tandem.t (a int primary key, b int) engine=InnoDB');
  await own.sql('insert into tandem.t values (1, 1), (2, 2)');
});
afterAll(() => own?.[Symbol.asyncDispose]());

/** What a piece of work failed with. */
async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  );
}

const one = (source: Source) => source.rows({ sql: 'select 1', params: [] });

/** How the application fails on a database. */
async function failing(
  config: DatabaseConfig,
  work: (source: Source) => Promise<unknown> = one,
): Promise<unknown> {
  await using source = await openSource('AZURE', config, pool);
  return await failure(work(source));
}

const running = (sql: string) => (source: Source) => source.write((em) => em.execute(sql));

/** The account's password is what a command prints. */
const commanded = (...argv: readonly [string, ...string[]]): DatabaseConfig => ({
  ...own.config,
  runtime: { user: 'tandem', password: { argv, cacheMs: 1000 } },
});

/** The failure while a server is set otherwise than usual, by statements of its administrator. */
async function meanwhile(set: string, reset: string, fails: () => Promise<unknown>): Promise<unknown> {
  await own.sql(set);
  try {
    return await fails();
  } finally {
    await own.sql(reset);
  }
}

/** The failure of a second connection: MySQL counts those of an account that has a limit when they begin. */
async function withOneHeld(): Promise<unknown> {
  const held = await connect(own.config);
  try {
    return await failing(own.config);
  } finally {
    held.destroy();
  }
}

/** The failure on a server whose certificate is something else. */
async function certified(options: Parameters<typeof startOwnServer>[0]): Promise<unknown> {
  await using server = await startOwnServer(options);
  return await failing(server.config);
}

/** Waits until a session runs a statement. */
async function isAtWork(server: OwnServer, id: number): Promise<void> {
  const look = `select 1 from information_schema.processlist where id = ${id} and info like 'select%'`;
  await expect.poll(() => server.sql(look), { timeout: 20_000 }).toHaveLength(1);
}

/** The failure of a statement while another session does something about it. */
async function interrupted(sql: string, by: (id: number) => Promise<unknown>): Promise<unknown> {
  const connection = await connect(own.config);
  try {
    const fails = failure(connection.query(sql));
    await isAtWork(own, connection.threadId);
    await by(connection.threadId);
    return await fails;
  } finally {
    connection.destroy();
  }
}

/** How each reason comes about: on a real server, but where it says otherwise. */
const provoked: Record<Reason, () => Promise<unknown>> = {
  DNS_NOT_FOUND: () => failing({ ...own.config, host: 'no..such' }),

  // In a network of its own, which has no way to any name server.
  async DNS_UNAVAILABLE() {
    const script = "require('dns').lookup('db.example', (error) => console.log(JSON.stringify(error)))";
    const { stdout } = await promisify(execFile)('unshare', ['-rn', process.execPath, '--eval', script]);
    return Object.assign(new Error('canary'), JSON.parse(stdout));
  },

  CONNECTION_REFUSED: () => failing({ ...own.config, port: 9 }),

  async CONNECT_TIMEOUT() {
    await using silent = await listen(() => {});
    return await failing({ ...own.config, port: silent.port });
  },

  // A multicast address, to which TCP has no route anywhere.
  HOST_UNREACHABLE: () => failing({ ...own.config, host: '224.0.0.1' }),

  // A process that has opened all that it may, and then connects.
  async OPEN_FILES_LIMIT() {
    const script = `try { for (;;) require('fs').openSync('/dev/null'); } catch {}
      require('net').connect(${own.port}, '127.0.0.1').on('error', (error) => process.stdout.write(JSON.stringify(error)));`;
    const limited = ['--nofile=64', process.execPath, '--eval', script];
    const { stdout } = await promisify(execFile)('prlimit', limited);
    return Object.assign(new Error('canary'), JSON.parse(stdout));
  },

  CONNECTION_LOST: () => interrupted('select sleep(5)', (id) => own.sql(`kill ${id}`)),

  // The port of MySQL's X Protocol, which is easily taken for the other one.
  NOT_MYSQL: () => failing({ ...own.config, port: xPort }),

  TLS_NOT_OFFERED: () =>
    certified({ more: ['--ssl-ca=', '--ssl-cert=', '--ssl-key=', '--require-secure-transport=OFF'] }),

  // Tandem never connects without TLS: the driver does.
  TLS_REQUIRED_BY_SERVER: () => failure(connect(own.config, own.config.runtime, { ssl: undefined as never })),

  TLS_CERT_EXPIRED: () => certified({ certifiedAt: new Date(Date.now() - 900 * day) }),
  TLS_CERT_NOT_YET_VALID: () => certified({ certifiedAt: new Date(Date.now() + 9 * day) }),
  TLS_CA_UNKNOWN: () => failing({ ...own.config, tls: serverPair().databases.AZURE.tls }),
  TLS_HOST_MISMATCH: () => certified({ certifiedFor: { dns: 'elsewhere.test', ip: '192.0.2.1' } }),

  // A server that offers no protocol newer than TLS 1.1 cannot be had from MySQL 8.4: one that hangs up instead.
  async TLS_FAILED() {
    await using server = await listen((socket) => {
      socket.write(greeting);
      socket.once('data', () => socket.destroy());
    });
    return await failing({ ...own.config, port: server.port });
  },

  ACCESS_DENIED: () => failing({ ...own.config, runtime: { user: 'tandem', password: 'canary-password' } }),

  PASSWORD_COMMAND_FAILED: () => failing(commanded('sh', '-c', 'echo canary; exit 3')),
  PASSWORD_COMMAND_TIMEOUT: () => failing(commanded('sleep', '60')),

  ACCOUNT_LOCKED: () =>
    meanwhile('alter user tandem account lock', 'alter user tandem account unlock', () =>
      failing(own.config),
    ),

  PASSWORD_EXPIRED: () =>
    meanwhile(
      'alter user tandem password expire',
      `alter user tandem identified by '${own.config.runtime.password}'`,
      () => failing(own.config),
    ),

  // What remains of mysql_native_password, which MySQL 9 no longer has.
  async AUTHENTICATION_UNSUPPORTED() {
    await own.sql("create user old identified by 'canary-password'");
    await own.sql("update mysql.user set plugin = 'mysql_native_password' where user = 'old'");
    return await meanwhile('flush privileges', 'drop user old', () =>
      failing({ ...own.config, runtime: { user: 'old', password: 'canary-password' } }),
    );
  },

  // On a server of its own: every account must be bound to another host, and the host cache flushed.
  async HOST_NOT_ALLOWED() {
    await using server = await startOwnServer();
    for (const user of ['tandem', 'tandem_migrator', 'admin']) {
      await server.sql(`rename user ${user}@'%' to ${user}@'192.0.2.9'`);
    }
    await server.sql('flush privileges');
    return await failing(server.config);
  },

  // Not by MySQL itself, which forgets hosts whose names it cannot look up: by its packet, as it sends that one.
  async HOST_BLOCKED() {
    const text =
      "Host '127.0.0.1' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'";
    const body = Buffer.concat([Buffer.from([0xff, 1129 & 0xff, 1129 >> 8]), Buffer.from(text)]);
    await using server = await listen((socket) => {
      socket.end(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]));
    });
    return await failing({ ...own.config, port: server.port });
  },

  UNKNOWN_DATABASE: () => failing({ ...own.config, name: 'nowhere', runtime: own.admin }),
  DATABASE_DENIED: () => failing({ ...own.config, name: 'mysql' }),
  PRIVILEGE_MISSING: () => failing(own.config, running('create table tandem.u (a int)')),

  SETTINGS_REFUSED: () =>
    meanwhile("set global init_connect = 'start transaction'", "set global init_connect = ''", () =>
      failing(own.config),
    ),

  async TOO_MANY_CONNECTIONS() {
    const held = await connect(own.config);
    const sessions = await own.sql<{ n: number }>('select count(*) n from information_schema.processlist');
    const fails = () => failing(own.config);
    try {
      // MySQL keeps one more for administrators, which ours has.
      const most = Number(sessions[0]?.n) - 1;
      return await meanwhile(
        `set global max_connections = ${most}`,
        'set global max_connections = 60',
        fails,
      );
    } finally {
      held.destroy();
    }
  },

  ACCOUNT_CONNECTIONS: () =>
    meanwhile(
      'alter user tandem with max_user_connections 1',
      'alter user tandem with max_user_connections 0',
      withOneHeld,
    ),

  SERVER_SHUTTING_DOWN: () =>
    meanwhile('set global offline_mode = on', 'set global offline_mode = off', () => failing(own.config)),

  async SESSION_ENDED() {
    const connection = await connect(own.config);
    await connection.query('set session wait_timeout = 1');
    const [error] = await once(connection as never, 'error');
    return error;
  },

  QUERY_KILLED: () => interrupted('select sleep(5) from t', (id) => own.sql(`kill query ${id}`)),

  STATEMENT_TIMEOUT: () =>
    failing(own.config, running('select /*+ MAX_EXECUTION_TIME(100) */ sleep(5) from t')),

  async LOCK_WAIT_TIMEOUT() {
    const holder = await connect(own.config);
    try {
      await holder.query('start transaction');
      await holder.query('update t set b = 9 where a = 1');
      return await failing(own.config, (source) =>
        source.write(async (em) => {
          await em.execute('set session innodb_lock_wait_timeout = 1');
          await em.execute('update t set b = 8 where a = 1');
        }),
      );
    } finally {
      holder.destroy();
    }
  },

  async DEADLOCK() {
    const [first, second] = [await connect(own.config), await connect(own.config)];
    try {
      for (const connection of [first, second]) await connection.query('start transaction');
      await first.query('update t set b = 3 where a = 1');
      await second.query('update t set b = 4 where a = 2');
      const ends = await Promise.allSettled([
        first.query('update t set b = 3 where a = 2'),
        delay(100)
          .then(() => second.query('update t set b = 4 where a = 1'))
          .finally(() => second.destroy()),
      ]);
      return ends.find((end) => end.status === 'rejected')?.reason;
    } finally {
      first.destroy();
      second.destroy();
    }
  },

  SERVER_READ_ONLY: () =>
    meanwhile('set global read_only = on', 'set global read_only = off', () =>
      failing(own.config, running('update t set b = 7')),
    ),

  STATEMENT_TOO_LARGE: () =>
    meanwhile('set global max_allowed_packet = 1048576', 'set global max_allowed_packet = 67108864', () =>
      failing(own.config, (source) =>
        source.rows({ sql: 'select ? as text', params: ['x'.repeat(2 ** 20)] }),
      ),
    ),

  // MySQL's number for a full disk, brought about by a full table in memory.
  async STORAGE_FULL() {
    const connection = await connect(own.config, own.admin);
    try {
      await connection.query('set max_heap_table_size = 16384');
      await connection.query('create temporary table m (a char(255)) engine = memory');
      const rows = Array.from({ length: 500 }, () => "('a')").join();
      return await failure(connection.query(`insert into m values ${rows}`));
    } finally {
      connection.destroy();
    }
  },

  TABLE_MISSING: () => failing(own.config, running('select * from nowhere')),
  COLUMN_MISSING: () => failing(own.config, running('select nothing from t')),
  COLLATIONS_MIXED: () =>
    failing(own.config, running("select 'a' collate utf8mb4_bin = 'a' collate utf8mb4_general_ci")),
};

/** More ways to the same: [reason, how, provoke]. */
const also: readonly (readonly [Reason, string, () => Promise<unknown>])[] = [
  [
    'PRIVILEGE_MISSING',
    'a procedure that the account may not execute (1370)',
    async () => {
      await own.sql('create procedure tandem.p() select 1');
      return await failing(own.config, running('call tandem.p()'));
    },
  ],
  [
    'PRIVILEGE_MISSING',
    'a setting that takes SUPER (1227)',
    () => failing(own.config, running('set global max_connections = 60')),
  ],
  [
    'PRIVILEGE_MISSING',
    'a database that is somebody else’s (1044)',
    () => failing(own.config, running('create table elsewhere.u (a int)')),
  ],
  [
    'PRIVILEGE_MISSING',
    'a file of the server (1045)',
    () => failing(own.config, running("select * from t into outfile '/tmp/none'")),
  ],
  [
    'STATEMENT_TOO_LARGE',
    'many times as much as the server takes, where it hangs up while it is sent',
    () =>
      meanwhile('set global max_allowed_packet = 1048576', 'set global max_allowed_packet = 67108864', () =>
        failing(own.config, (source) =>
          source.write((em) => em.execute('select ? as text', ['x'.repeat(20 * 2 ** 20)])),
        ),
      ),
  ],
  [
    'SERVER_READ_ONLY',
    'super_read_only, for an administrator (1290)',
    () =>
      meanwhile('set global super_read_only = on', 'set global read_only = off', () =>
        failing({ ...own.config, runtime: own.admin }, running('update t set b = 7')),
      ),
  ],
  [
    'SERVER_READ_ONLY',
    'a transaction for reading (1792)',
    async () => {
      const connection = await connect(own.config);
      await connection.query('start transaction read only');
      const error = await failure(connection.query('update t set b = 7'));
      connection.destroy();
      return error;
    },
  ],
  [
    'ACCOUNT_CONNECTIONS',
    'max_user_connections of the server (1203)',
    () =>
      meanwhile('set global max_user_connections = 1', 'set global max_user_connections = 0', withOneHeld),
  ],
  [
    'SERVER_SHUTTING_DOWN',
    'SHUTDOWN while a statement runs (1053)',
    async () => {
      await using server = await startOwnServer();
      const connection = await connect(server.config);
      const fails = failure(connection.query('select sleep(5) from information_schema.schemata'));
      await isAtWork(server, connection.threadId);
      await server.sql('shutdown');
      return await fails;
    },
  ],
  ['TLS_CA_UNKNOWN', 'no authority set', () => failing({ ...own.config, tls: { mode: 'VERIFY_IDENTITY' } })],
  [
    'CONNECTION_LOST',
    'a reset (ECONNRESET)',
    async () => {
      await using resets = await listen((socket) => socket.resetAndDestroy());
      return await failing({ ...own.config, port: resets.port });
    },
  ],
  [
    'CONNECTION_LOST',
    'a statement on a connection that ended before',
    async () => {
      const connection = await connect(own.config);
      const ended = once(connection as never, 'error').catch((error) => error);
      await own.sql(`kill ${connection.threadId}`);
      await ended;
      return await failure(connection.query('select 1'));
    },
  ],
];

/** The greeting of a MySQL 8.4 that offers TLS: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html */
const greeting = (() => {
  const body = Buffer.concat([
    Buffer.from([10]),
    Buffer.from('8.4.0\0'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('12345678\0'),
    Buffer.from([0xff, 0xff, 45, 2, 0, 0xff, 0xdf, 21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0'),
    Buffer.from('caching_sha2_password\0'),
  ]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]);
})();

const names = namesIn(await entityMetadata());

const rows = [
  ...(Object.keys(reasons) as Reason[]).map((reason) => [reason, 'first of all', provoked[reason]] as const),
  ...also,
];

describe.skipIf(!native)('a failure is told apart by its reason', () => {
  for (const [reason, how, provoke] of rows) {
    it.skipIf(reason === 'DNS_UNAVAILABLE' && !namespaces)(`${reason}: ${how}`, async () => {
      const error = fromMysql(await provoke(), 'AZURE', names);
      expect(error).toMatchObject({ reason, code: codeOf(reason) });
      const shown = describeError(error);
      const { cause, remedy } = explainReason(reason, 'AZURE');
      expect(shown).toBe(`${codeOf(reason)}: ${error?.message}\n${reason}: ${cause}\nNext: ${remedy}`);
      // A client is told the code alone.
      expect(JSON.stringify({ message: error?.message, ...error?.extensions })).not.toContain(reason);
      expect(shown + JSON.stringify(error?.extensions)).not.toMatch(/canary/);
    });
  }

  it('which the log has, and the answer has not', async () => {
    const config = testConfig({ AZURE: { ...own.config, port: 9 }, GCP: own.config });
    await using server = await startServer(config);
    const answer = await server.ask(
      '{ a: patients(source: AZURE) { nodes { key } } b: patients(source: GCP) { nodes { key } } }',
    );
    const log = server.log.map((line) => JSON.parse(line));
    expect(log).toContainEqual(
      expect.objectContaining({ source: 'AZURE', code: 'SOURCE_UNAVAILABLE', reason: 'CONNECTION_REFUSED' }),
    );
    expect(log).toContainEqual(
      expect.objectContaining({ source: 'GCP', code: 'SCHEMA_OUTDATED', reason: 'TABLE_MISSING' }),
    );
    expect(JSON.stringify(answer)).not.toMatch(/CONNECTION_REFUSED|TABLE_MISSING|"reason"/);
  });
});
