import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PoolConfig } from '../../src/config/groups/pool.ts';
import type { SourceName } from '../../src/source-name.ts';
import { openSource, type Source } from '../../src/sources/source.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { scriptArguments } from '../helpers/run-command-line.ts';
import { connectTo } from '../helpers/sessions.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

/**
 * With the session that looks on, what the server allows the account. A login more can come while killed sessions go, or several processes
 * log in at once: the server refuses it, and the pool tries again.
 */
const max = 19;
const limits: PoolConfig = { ...pool, max, shared: true, acquireTimeoutMs: 30_000, connectTimeoutMs: 10_000 };

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createDatabases();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

/**
 * A process, as the others see it: one source with a pool of its own, behind a network of its own. It shares nothing with
 * the others but the database.
 */
interface Member extends AsyncDisposable {
  readonly source: Source;
  readonly network: TcpProxy;
  /** Codes of the errors that its callers got. */
  readonly errors: string[];
  readonly done: () => number;
  /** Its callers ask no more. */
  quiet(): Promise<void>;
}

/** Callers that ask for as long as the member lives. */
const callers = 20;

async function startMember(name: SourceName, more: Partial<PoolConfig> = {}): Promise<Member> {
  const database = databases.config.databases[name];
  const network = await startProxy(database.port);
  const source = await openSource(name, { ...database, port: network.port }, { ...limits, ...more });
  const errors: string[] = [];
  let done = 0;
  let going = true;
  const all = Array.from({ length: callers }, async () => {
    while (going) {
      await source
        .rows({ sql: 'select sleep(?) as slept', params: [0.01] })
        .then(() => {
          done += 1;
        })
        .catch(async ({ code, message, cause }) => {
          errors.push(`${code}: ${message} ${cause?.code ?? ''} ${cause?.message ?? ''}`.trim());
          await delay(20);
        });
    }
  });
  const quiet = async () => {
    going = false;
    await Promise.all(all);
  };
  return {
    source,
    network,
    errors,
    done: () => done,
    quiet,
    async [Symbol.asyncDispose]() {
      going = false;
      await source.close();
      await Promise.all(all);
      await network[Symbol.asyncDispose]();
    },
  };
}

const connectionsOf = (members: readonly Member[]) => members.map(({ source }) => source.stats().max);

/** All have equally many, of all but the one that is kept for the next. */
function areFair(members: readonly Member[], whole: number): boolean {
  const all = connectionsOf(members);
  const sum = all.reduce((one, other) => one + other, 0);
  return sum === whole && Math.max(...all) - Math.min(...all) <= 1;
}

const untilFair = (members: readonly Member[], whole = max - 1) =>
  expect
    .poll(() => (areFair(members, whole) ? 'fair' : connectionsOf(members)), {
      timeout: 60_000,
      interval: 50,
    })
    .toBe('fair');

/** A process that has nothing to do but to wait for a connection of four, and ends with exit code 3. */
async function waitAlone(): Promise<{ code: number; said: string }> {
  const script = `
    import 'reflect-metadata';
    import { loadConfig } from './src/config/config.ts';
    import { openSource } from './src/sources/source.ts';
    const { databases: { AZURE }, pool } = loadConfig();
    const source = await openSource('AZURE', AZURE, { ...pool, max: 4, shared: true, acquireTimeoutMs: 1000 });
    await source.rows({ sql: 'select 1', params: [] }).catch(({ code }) => process.stderr.write(code));
    await source.close();
    process.exitCode = 3;`;
  const node = spawn(process.execPath, scriptArguments(script), {
    env: { ...process.env, ...environmentOf(databases.config) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = node.stderr.toArray();
  const [code] = await once(node, 'exit');
  return { code, said: (await said).join('') };
}

/** The account's sessions that are logged in, seen by one that is not counted: the server may be about to refuse a login. */
async function watchAccount(
  name: SourceName,
): Promise<AsyncDisposable & { most(): number; looks(): number }> {
  const connection: Connection = await connectTo(databases.config, name);
  let most = 0;
  let looks = 0;
  let watching = true;
  const watched = (async () => {
    while (watching) {
      const [rows] = await connection.query<RowDataPacket[]>(
        "select count(*) as sessions from information_schema.processlist where user = substring_index(user(), '@', 1) and command <> 'Connect' and id <> connection_id()",
      );
      most = Math.max(most, Number(rows[0]?.sessions));
      looks += 1;
      await delay(10);
    }
  })();
  return {
    most: () => most,
    looks: () => looks,
    async [Symbol.asyncDispose]() {
      watching = false;
      await watched;
      await connection.end();
    },
  };
}

describe('processes that share the connections of an account', () => {
  it('have equally many, whoever joins, leaves, dies or is cut off, and never more than all', async () => {
    await using watch = await watchAccount('GCP');
    await using first = await startMember('GCP');
    await untilFair([first]);
    expect(first.source.stats().max).toBe(max - 1);

    await using second = await startMember('GCP');
    await untilFair([first, second]);
    await using third = await startMember('GCP');
    await untilFair([first, second, third]);

    // It leaves in order.
    await third.quiet();
    await third.source.close();
    await untilFair([first, second]);

    // It dies: its connections end with it.
    {
      await using killed = await startMember('GCP');
      await untilFair([first, second, killed]);
      await killed.network.refuse();
      await untilFair([first, second]);
      await killed.network.listen();
    }

    // It is cut off: the server still has its sessions, and nobody tells it that they are of no use.
    {
      await using cutOff = await startMember('GCP');
      await untilFair([first, second, cutOff]);
      cutOff.network.mode = 'black hole';
      await expect.poll(() => cutOff.source.stats().max, { timeout: 60_000 }).toBe(0);
      await untilFair([first, second]);
      // Back again, it has its share again, and works with it.
      cutOff.network.mode = 'pass';
      await untilFair([first, second, cutOff]);
      const before = cutOff.done();
      await expect.poll(cutOff.done, { timeout: 30_000 }).toBeGreaterThan(before + 100);
    }
    await untilFair([first, second]);

    expect(first.errors).toEqual([]);
    expect(second.errors).toEqual([]);
    expect(third.errors).toEqual([]);
    expect(watch.looks()).toBeGreaterThan(100);
    // The account has MAX_USER_CONNECTIONS 20: the watch and 19 others. One more in the list is a session that the server
    // no longer counts, since it has ended, while its thread is still listed.
    expect(watch.most()).toBeLessThanOrEqual(max + 1);
    expect(watch.most()).toBeGreaterThanOrEqual(max - 1);
  });

  it('get their share when all start at once and the server refuses those for which there is no room', async () => {
    // As many as the server allows the account, so that it refuses a login with 1226.
    await using first = await startMember('AZURE', { max: 20 });
    await untilFair([first], 19);
    await using second = await startMember('AZURE', { max: 20 });
    await using third = await startMember('AZURE', { max: 20 });
    await using fourth = await startMember('AZURE', { max: 20 });
    const all = [first, second, third, fourth];
    await untilFair(all, 19);
    expect(all.flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('keep a process waiting for which there is no place, and let it in when another one ends', async () => {
    const few = { max: 4, acquireTimeoutMs: 300 };
    await using first = await startMember('AZURE', few);
    await untilFair([first], 3);
    await using second = await startMember('AZURE', few);
    // Two processes with two connections each: nothing is kept for a third one.
    await untilFair([first, second], 4);
    await using third = await startMember('AZURE', few);
    await expect.poll(() => third.errors.length, { timeout: 30_000 }).toBeGreaterThan(callers);
    expect(third.done()).toBe(0);
    expect(new Set(third.errors.map((error) => error.split(':')[0]))).toEqual(new Set(['POOL_TIMEOUT']));
    await expect(third.source.ask('select 1')).rejects.toMatchObject({ code: 'POOL_TIMEOUT' });
    expect(await waitAlone()).toEqual({ code: 3, said: 'POOL_TIMEOUT' });

    await second.quiet();
    await second.source.close();
    await untilFair([first, third], 4);
    await expect.poll(third.done, { timeout: 30_000 }).toBeGreaterThan(0);
  });

  it('lose no answer when the control session of one is killed, which has its share again', async () => {
    await using first = await startMember('AZURE');
    await untilFair([first]);
    await using second = await startMember('AZURE');
    await untilFair([first, second]);
    for (let round = 0; round < 3; round++) {
      await first.source.ask('kill connection connection_id()').catch(() => []);
      await delay(100);
      await untilFair([first, second]);
    }
    expect([...first.errors, ...second.errors]).toEqual([]);
  });
});
