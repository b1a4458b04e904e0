import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultCache } from '../../src/local/home.ts';
import { ensureLocal } from '../../src/local/local.ts';
import { findProgram } from '../../src/local/origins/order.ts';
import type { ProgressEvent } from '../../src/local/types.ts';
import { ask, hasNativeServer, login, NATIVE, processesOf, testHome } from '../helpers/local-home.ts';

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
      'AZURE_DB_HOST is set but GCP_DB_HOST is not; set both',
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
      /"oracle" in TANDEM_LOCAL_ORIGIN is not an origin; use one or more of settings, recorded, docker/,
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
    expect(processesOf(at.home)).toEqual([]);
  });
});

// 25 s and 75 MB from the machine's Debian or Ubuntu mirror, so only when asked for.
describe.skipIf(process.env.TANDEM_TEST_ORIGINS !== '1')('from an empty cache', () => {
  test('debian is fetched, unpacked and serves', { timeout: 300_000 }, async () => {
    await using at = testHome();
    const env = { ...process.env, PATH: '/usr/bin:/bin' };
    const events: ProgressEvent[] = [];
    const report = (event: ProgressEvent) => events.push(event);
    const options = {
      home: join(at.home, 'home'),
      cache: join(at.home, 'cache'),
      origins: ['debian'] as const,
      env,
      report,
    };
    await using pair = await ensureLocal(options);
    expect(pair).toMatchObject({ origin: 'debian', owned: true });
    const fetched = events.filter((event) => event.kind === 'fetch').at(-1);
    expect(fetched?.total).toBeGreaterThan(10_000_000);
    expect(fetched?.done).toBe(fetched?.total);
    for (const source of ['AZURE', 'GCP'] as const) {
      await ask(pair, source, 'migrator', 'CREATE TABLE tandem.probe (id INT PRIMARY KEY)');
      await ask(pair, source, 'runtime', 'INSERT INTO tandem.probe VALUES (1)');
      await expect(ask(pair, source, 'runtime', 'DROP TABLE tandem.probe')).rejects.toThrow(/denied/);
      await expect(login(pair, source, { ssl: undefined })).rejects.toThrow(/denied|insecure/i);
      await expect(login(pair, source, { user: 'root', password: '' })).rejects.toThrow(/denied/);
    }
    await pair.stop();
  });
});

function executable(dir: string, script: string): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'mysqld'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, 'mysqld'), 0o755);
  return dir;
}
