import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultCache, defaultHome } from '../../src/local/home.ts';
import { readLocalEnv, secretsOf, settingsOf, writeLocalEnv } from '../../src/local/local-env.ts';
import { originsToTry } from '../../src/local/origins/order.ts';
import { choosePort } from '../../src/local/ports.ts';
import { commandLineOf, serves, startInStat, startOf } from '../../src/local/processes.ts';
import { describeProgress } from '../../src/local/progress.ts';
import { settingsGiven } from '../../src/local/settings.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tandem-unit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('local.env', () => {
  test('is read again as it was written, for its owner alone', async () => {
    const file = join(dir, 'local.env');
    const env = {
      ...settingsOf('AZURE', {
        port: 3307,
        secrets: { runtime: 'a-b_c', migrator: 'd' },
        ca: '/with space/ca.pem',
      }),
      ...settingsOf('GCP', { port: 3308, secrets: { runtime: '#"x', migrator: '' }, ca: "/it's/ca.pem" }),
    };
    await writeLocalEnv(file, env);
    expect(readLocalEnv(file)).toEqual(env);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('keeps its passwords, and makes long random ones where there are none', () => {
    expect(secretsOf({ AZURE_DB_PASSWORD: 'kept' }, 'AZURE').runtime).toBe('kept');
    const { runtime, migrator } = secretsOf({}, 'GCP');
    expect(runtime).toMatch(/^[\w-]{32}$/);
    expect(migrator).not.toBe(runtime);
  });
});

describe('settings', () => {
  const own = { AZURE_DB_HOST: 'a', GCP_DB_HOST: 'g' };
  const local = {
    AZURE_DB_HOST: '127.0.0.1',
    AZURE_DB_PORT: '3307',
    GCP_DB_HOST: '127.0.0.1',
    GCP_DB_PORT: '3308',
  };

  test('count when they name both clouds', () => {
    expect(settingsGiven(own, {})).toBe(true);
    expect(settingsGiven({}, {})).toBe(false);
    expect(() => settingsGiven({ GCP_DB_HOST: 'g' }, {})).toThrow('Set both');
  });

  test('do not count when they are those of local.env, handed to a child', () => {
    expect(settingsGiven(local, local)).toBe(false);
    expect(settingsGiven({ ...local, AZURE_DB_PORT: '1', GCP_DB_PORT: '2' }, local)).toBe(true);
  });
});

describe('the origins to try', () => {
  test('are all, those named in the environment, or those given, always in the same order', () => {
    expect(originsToTry(undefined, {})).toEqual(['settings', 'recorded', 'docker', 'mysqld', 'debian']);
    expect(originsToTry(undefined, { TANDEM_LOCAL_ORIGIN: 'debian, docker' })).toEqual(['docker', 'debian']);
    expect(originsToTry(['debian'], { TANDEM_LOCAL_ORIGIN: 'docker' })).toEqual(['debian']);
    expect(() => originsToTry(undefined, { TANDEM_LOCAL_ORIGIN: 'postgres' })).toThrow('is not an origin');
  });
});

describe('a port', () => {
  const free =
    (...ports: number[]) =>
    async (port: number) =>
      ports.includes(port);

  test('is the first wanted one that is free', async () => {
    expect(await choosePort([5000, 3307], new Set(), free(3307, 5000))).toBe(5000);
    expect(await choosePort([5000, 3307], new Set(), free(3307))).toBe(3307);
  });

  test('is any free one that nobody else of ours uses when none of the wanted is free', async () => {
    const offered = [41000, 41001];
    const any = async () => offered.shift() ?? 0;
    expect(await choosePort([3307], new Set([3307, 41000]), free(3307), any)).toBe(41001);
  });
});

describe('the places', () => {
  test('are below the project and below the cache of the user', () => {
    expect(defaultHome()).toBe(join(import.meta.dirname, '../../.tandem'));
    expect(defaultCache({ HOME: '/home/me' })).toBe('/home/me/.cache/tandem');
    expect(defaultCache({ HOME: '/home/me', XDG_CACHE_HOME: '/c' })).toBe('/c/tandem');
  });
});

describe('a process', () => {
  test('is told apart from a later one with its number', () => {
    expect(startInStat('7 (a (b) c) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0')).toBe('4242');
    expect(startOf(process.pid)).not.toBeNull();
    expect(startOf(2 ** 22 + 1)).toBeNull();
  });

  test('is not ours unless it serves exactly our data', () => {
    expect(commandLineOf(process.pid)).not.toBeNull();
    expect(serves(process.pid, '/home/me/.tandem/azure/data')).toBe(false);
  });
});

describe('progress', () => {
  test.each([
    [{ kind: 'fetch', what: 'x', done: 1_500_000, total: 59_800_000 }, 'fetching x: 1.5 of 59.8 MB'],
    [{ kind: 'fetch', what: 'x', done: 0, total: 0 }, 'fetching x'],
    [{ kind: 'port', source: 'GCP', wanted: 3308, used: 41000 }, 'GCP: port 3308 is taken, using 41000'],
    [
      { kind: 'ready', source: 'GCP', port: 3308, version: '9.7.4', ms: 612 },
      'GCP: 9.7.4 ready on 127.0.0.1:3308 after 0.6 s',
    ],
  ] as const)('%j reads "%s"', (event, line) => {
    expect(describeProgress(event)).toBe(line);
  });
});
