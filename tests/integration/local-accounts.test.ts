import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureLocal } from '../../src/local/local-pair.ts';
import type { LocalPair } from '../../src/local/types.ts';
import {
  ask,
  hasNativeServer,
  login,
  processesOf,
  type TestHome,
  testHome,
  until,
} from '../helpers/local-home.ts';

describe.skipIf(!(await hasNativeServer())).each(['AZURE', 'GCP'] as const)(
  'the local %s server',
  (source) => {
    let at: TestHome;
    let pair: LocalPair;

    beforeAll(async () => {
      at = testHome();
      pair = await ensureLocal(at.options);
    });
    afterAll(async () => {
      await pair?.stop();
      await until('no server is left', () => processesOf(at.home).length === 0);
      await at[Symbol.asyncDispose]();
    });

    test.each(['runtime', 'migrator'] as const)(
      'lets the %s account in over TLS 1.3, its name checked',
      async (as) => {
        const [session] = await ask(pair, source, as, `SHOW STATUS LIKE 'Ssl_version'`);
        expect(session).toMatchObject({ Value: 'TLSv1.3' });
        const connection = await login(pair, source, { as, host: 'localhost' });
        await connection.end();
      },
    );

    test('is not trusted by a client that does not know its authority', async () => {
      await expect(login(pair, source, { ssl: { verifyIdentity: true } })).rejects.toThrow(/certificate/i);
    });

    test('refuses a session without TLS', async () => {
      await expect(login(pair, source, { ssl: undefined })).rejects.toMatchObject({
        code: expect.stringMatching(/ER_ACCESS_DENIED_ERROR|ER_SECURE_TRANSPORT_REQUIRED/),
      });
    });

    test.each(['root', ''])('refuses the user "%s" without a password', async (user) => {
      await expect(login(pair, source, { user, password: '' })).rejects.toMatchObject({
        code: 'ER_ACCESS_DENIED_ERROR',
      });
    });

    test('listens on loopback only', async () => {
      const others = Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ internal, family }) => !internal && family === 'IPv4');
      for (const { address } of others) {
        expect(await connects(address, Number(pair.env[`${source}_DB_PORT`])), address).toBe(false);
      }
      expect(await connects('127.0.0.1', Number(pair.env[`${source}_DB_PORT`]))).toBe(true);
    });

    test('runs in UTC, strictly, with utf8mb4 and hashed passwords', async () => {
      const [settings] = await ask(
        pair,
        source,
        'migrator',
        `SELECT @@time_zone zone, @@sql_mode mode, @@character_set_server charset, @@max_connections connections,
        @@require_secure_transport tls`,
      );
      expect(settings).toMatchObject({ zone: '+00:00', charset: 'utf8mb4', connections: 60, tls: 1 });
      expect((settings as { mode: string }).mode).toContain('STRICT_TRANS_TABLES');
    });

    test('gives the runtime account rows and nothing else', async () => {
      await ask(pair, source, 'migrator', 'CREATE TABLE tandem.probe (id INT PRIMARY KEY)');
      await ask(pair, source, 'runtime', 'INSERT INTO tandem.probe VALUES (1)');
      expect(await ask(pair, source, 'runtime', 'SELECT id FROM tandem.probe')).toEqual([{ id: 1 }]);
      for (const sql of [
        'CREATE TABLE tandem.another (id INT)',
        'ALTER TABLE tandem.probe ADD COLUMN name INT',
        'DROP TABLE tandem.probe',
        'CREATE DATABASE tandem_test_1',
        'SELECT * FROM mysql.user',
      ]) {
        await expect(ask(pair, source, 'runtime', sql), sql).rejects.toMatchObject({
          code: expect.stringMatching(/^ER_(TABLE|DB)ACCESS_DENIED_ERROR$/),
        });
      }
      await ask(pair, source, 'migrator', 'DROP TABLE tandem.probe');
    });

    test('lets the migrator make and drop test databases, and no others', async () => {
      await ask(pair, source, 'migrator', 'CREATE DATABASE tandem_test_local');
      await ask(pair, source, 'migrator', 'CREATE TABLE tandem_test_local.t (id INT)');
      await ask(pair, source, 'runtime', 'INSERT INTO tandem_test_local.t VALUES (1)');
      await ask(pair, source, 'migrator', 'DROP DATABASE tandem_test_local');
      for (const name of ['elsewhere', 'tandemXtestXlocal']) {
        await expect(ask(pair, source, 'migrator', `CREATE DATABASE ${name}`)).rejects.toMatchObject({
          code: 'ER_DBACCESS_DENIED_ERROR',
        });
      }
    });

    test('refuses the 21st session of the runtime account, and still lets the migrator in', async () => {
      const sessions = await Promise.all(Array.from({ length: 20 }, () => login(pair, source)));
      try {
        await expect(login(pair, source)).rejects.toMatchObject({
          code: 'ER_USER_LIMIT_REACHED',
          errno: 1226,
        });
        await ask(pair, source, 'migrator', 'SELECT 1');
      } finally {
        await Promise.all(sessions.map((session) => session.end()));
      }
    });

    test('keeps keys and passwords to their owner, and out of command lines and environments', () => {
      const key = join(at.home, 'tls', `${source.toLowerCase()}-key.pem`);
      for (const file of [key, join(at.home, 'local.env')])
        expect(statSync(file).mode & 0o777, file).toBe(0o600);
      const pids = processesOf(at.home);
      // Two servers and their two guards.
      expect(pids.length).toBeGreaterThanOrEqual(4);
      for (const pid of pids) {
        const seen =
          readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
        expect(seen).not.toContain(pair.env[`${source}_DB_PASSWORD`]);
        expect(seen).not.toContain(pair.env[`${source}_DB_MIGRATOR_PASSWORD`]);
      }
      expect(() => statSync(join(at.home, source.toLowerCase(), 'accounts.sql'))).toThrow(/ENOENT/);
    });
  },
);

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 1000 });
    socket
      .on('connect', () => done(true))
      .on('error', () => done(false))
      .on('timeout', () => done(false));
    socket.on('connect', () => socket.destroy());
  });
}
