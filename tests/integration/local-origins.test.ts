import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { defaultCache } from '../../src/local/home.ts';
import { ensureLocal } from '../../src/local/local-pair.ts';
import { findProgram } from '../../src/local/origins/order.ts';
import type { LocalPair, ProgressEvent } from '../../src/local/types.ts';
import { sourceNames } from '../../src/source-name.ts';
import { createDatabases, environmentOf } from '../helpers/databases.ts';
import { ask, hasNativeServer, login, NATIVE, processesOf, testHome, until } from '../helpers/local-home.ts';

const settings = { AZURE_DB_HOST: 'azure.example.net', GCP_DB_HOST: 'gcp.example.net' };

describe('the order of origins', () => {
  test('ends at once when the settings name both servers', async () => {
    await using at = testHome('unused');
    const pair = await ensureLocal({ home: at.home, env: settings });
    expect(pair).toMatchObject({ origin: 'settings', servers: null, env: {}, owned: false });
    await pair.stop();
  });

  test('asks for the other cloud when the settings name one', async () => {
    await using at = testHome('unused');
    await expect(ensureLocal({ home: at.home, env: { AZURE_DB_HOST: 'a' } })).rejects.toThrow(
      'AZURE_DB_HOST is set but GCP_DB_HOST is not.\nNext: Set both',
    );
  });

  test('ends in an error that says what was tried, why not, and what helps', async () => {
    await using at = testHome();
    const env = { PATH: at.home, TANDEM_LOCAL_ORIGIN: 'docker' };
    await expect(ensureLocal({ home: at.home, env })).rejects.toMatchObject({
      code: 'NO_ORIGIN',
      message: expect.stringMatching(
        /settings: not asked for[\s\S]*docker: no "docker" on the PATH[\s\S]*install MySQL 8\.0 or newer[\s\S]*AZURE_DB_HOST and GCP_DB_HOST/,
      ),
    });
  });

  test('knows its own names', async () => {
    await expect(ensureLocal({ env: { TANDEM_LOCAL_ORIGIN: 'oracle' } })).rejects.toThrow(
      /"oracle" in TANDEM_LOCAL_ORIGIN is not an origin\.\nNext: Use one or more of settings, recorded, docker/,
    );
  });
});

describe.skipIf(!(await hasNativeServer()))('a mysqld on the PATH', () => {
  test('is used, even behind a wrapper that does not give way to it, and passed over when too old', async () => {
    await using at = testHome();
    const cache = defaultCache(process.env);
    const { program } = await findProgram(NATIVE, { env: process.env, cache, report: () => {} });
    if (program.kind !== 'native') throw new Error('a native program was asked for');
    const old = executable(join(at.home, 'old'), 'echo "mysqld  Ver 5.7.44 for Linux on x86_64 (Test)"');
    const basedir = program.basedir ? `--basedir=${program.basedir}` : '';
    const command = program.command.map((word) => `"${word}"`).join(' ');
    // No "exec": the shell stays between the guard and the server. The first argument must be --no-defaults.
    const wrapper = executable(
      join(at.home, 'new'),
      `shift; ${command} --no-defaults ${basedir} "$@"; exit $?`,
    );
    const env = { ...process.env, PATH: `${old}:${wrapper}:${process.env.PATH}` };
    await using pair = await ensureLocal({ home: at.home, origins: ['mysqld'], env });
    expect(pair).toMatchObject({ origin: 'mysqld', owned: true });
    await ask(pair, 'AZURE', 'runtime', 'SELECT 1');
    await pair.stop();
    await until('no process is left', () => processesOf(at.home).length === 0);
  });
});

/** Sees that a pair lets in its two accounts alone, over TLS, each with its own rights in a database. */
async function seeAccounts(pair: Pick<LocalPair, 'env'>, database: string): Promise<void> {
  for (const source of sourceNames) {
    await ask(pair, source, 'migrator', `CREATE TABLE ${database}.probe (id INT PRIMARY KEY)`);
    await ask(pair, source, 'runtime', `INSERT INTO ${database}.probe VALUES (1)`);
    await expect(ask(pair, source, 'runtime', `DROP TABLE ${database}.probe`)).rejects.toThrow(/denied/);
    await expect(login(pair, source, { ssl: undefined })).rejects.toThrow(/denied|insecure/i);
    await expect(login(pair, source, { user: 'root', password: '' })).rejects.toThrow(/denied/);
  }
}

describe('debian', () => {
  const { servers, fetched } = inject('local');

  // A bare machine, as CI has, fetches it for this very run.
  test.skipIf(fetched === null)('is fetched, and unpacked, where this run finds no server', () => {
    expect(servers).toBe('debian');
    expect(fetched?.total).toBeGreaterThan(10_000_000);
    expect(fetched?.done).toBe(fetched?.total);
  });

  test.skipIf(servers === 'settings')('serves this run, its two accounts alone', async () => {
    await using databases = await createDatabases({ migrated: false });
    const { config } = databases;
    await seeAccounts({ env: environmentOf(config) }, config.databases.AZURE.name);
  });

  // 25 s and 75 MB from the machine's Debian or Ubuntu mirror, so only when asked for.
  const isAsked = process.env.TANDEM_TEST_ORIGINS === '1';
  test.skipIf(!isAsked)('is fetched into an empty cache, and serves', { timeout: 300_000 }, async () => {
    await using at = testHome();
    const env = { ...process.env, PATH: '/usr/bin:/bin' };
    const events: ProgressEvent[] = [];
    await using pair = await ensureLocal({
      home: join(at.home, 'home'),
      cache: join(at.home, 'cache'),
      origins: ['debian'],
      env,
      report: (event) => events.push(event),
    });
    expect(pair).toMatchObject({ origin: 'debian', owned: true });
    const last = events.filter((event) => event.kind === 'fetch').at(-1);
    expect(last?.total).toBeGreaterThan(10_000_000);
    expect(last?.done).toBe(last?.total);
    await seeAccounts(pair, 'tandem');
    await pair.stop();
  });
});

function executable(dir: string, script: string): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'mysqld'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, 'mysqld'), 0o755);
  return dir;
}
