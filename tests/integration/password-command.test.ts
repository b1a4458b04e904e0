import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TandemError } from '../../src/errors/tandem-error.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { preflight } from '../../src/preflight/preflight.ts';
import { openSource, type Source } from '../../src/sources/source.ts';
import { pool } from '../helpers/databases.ts';
import { passwordOf } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { stopwatch, type Took } from '../helpers/own-time.ts';
import { mikroOrm, scriptArguments, tandem } from '../helpers/run-command-line.ts';
import { killSessions } from '../helpers/sessions.ts';

const native = await hasNativeServer();
const limits = { ...pool, connectTimeoutMs: 3000, acquireTimeoutMs: 9000 };

let own: OwnServer;
let home: string;
/** Holds the password that the command prints; each run adds a line to `runs`. */
let file: string;
let runs: string;
let printing: readonly [string, ...string[]];

beforeAll(async () => {
  if (!native) return;
  own = await startOwnServer();
  home = await mkdtemp(join(tmpdir(), 'tandem-password-'));
  file = join(home, 'password');
  runs = join(home, 'runs');
  printing = ['sh', '-c', `echo >>'${runs}'; sleep 0.1; cat '${file}'`];
  await migrateUp('AZURE', own.config, pool);
});
beforeEach(async () => {
  if (!native) return;
  await writeFile(runs, '');
  await rotate(passwordOf(own.config.runtime));
});
afterAll(async () => {
  await own?.[Symbol.asyncDispose]();
  if (home !== undefined) await rm(home, { recursive: true });
});

/** The account gets another password, and whoever asks for it is told so from then on. */
async function rotate(password: string, told = password): Promise<void> {
  await own.sql(`alter user tandem identified by '${password}'`);
  await writeFile(file, `${told}\n`);
}

const count = async () => (await readFile(runs, 'utf8')).length;

function open(argv: readonly [string, ...string[]], { cacheMs = 60_000, max = limits.max } = {}) {
  const runtime = { user: 'tandem', password: { argv, cacheMs } };
  return openSource('AZURE', { ...own.config, runtime }, { ...limits, max });
}

const one = (source: Source) => source.arrays({ sql: 'select 1', params: [] });
const hold = (source: Source) => source.arrays({ sql: 'select sleep(0.3)', params: [] });
const many = <T>(times: number, make: () => Promise<T>) => Promise.all(Array.from({ length: times }, make));

async function failure(source: Source): Promise<TandemError & Took> {
  const took = stopwatch();
  const error = await one(source).then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  );
  return Object.assign(error, took());
}

/** Seconds that no other command sleeps for, in this run of the tests or another one beside it. */
const hang = (about: number) => `47.${about}${process.pid}`;

/** How many processes run with a word in their command line. */
async function processes(word: string): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(word)).length;
}

async function until(condition: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > ms) throw new Error('It did not come about in time.');
    await delay(20);
  }
}

const sessions = () =>
  own.sql<{ id: number }>("select id from information_schema.processlist where user = 'tandem'");

/** Nothing is held any more, here or on the server. */
async function nothingLeft(source: Source): Promise<void> {
  const { inUse, connecting, waiting, closing } = source.stats();
  expect({ inUse, connecting, waiting, closing }).toEqual({
    inUse: 0,
    connecting: 0,
    waiting: 0,
    closing: 0,
  });
  await source.close();
  await until(async () => (await sessions()).length === 0);
}

describe.skipIf(!native)('a password that a command prints', () => {
  it('logs in; the command runs once for all who connect, and again when its time is over', async () => {
    const source = await open(printing, { cacheMs: 8000 });
    await many(10, () => hold(source));
    expect(await count()).toBe(1);
    await many(15, () => hold(source));
    expect(await count()).toBe(1);
    await delay(8100);
    await many(19, () => hold(source));
    expect(await count()).toBe(2);
    await nothingLeft(source);
  });

  it('is asked for at each login, where it is not to be kept', async () => {
    const source = await open(printing, { cacheMs: 0 });
    await one(source);
    await many(2, () => hold(source));
    expect(await count()).toBe(2);
    await nothingLeft(source);
  });

  it('may be replaced at any time: nobody fails of that', async () => {
    const source = await open(printing);
    const logins = [];
    for (const password of ['second', 'third', 'fourth']) {
      await rotate(password);
      await killSessions(
        own.sql,
        (await sessions()).map(({ id }) => id),
      );
      // Nobody is logged in any more, and what was kept is the password of before.
      await until(() => source.stats().idle === 0);
      await many(8, () => hold(source));
      logins.push(await count());
    }
    expect(logins).toEqual([1, 2, 3]);
    await nothingLeft(source);
  });

  it('that is refused is not kept: the next attempt asks for another', async () => {
    await rotate('right', 'wrong');
    const source = await open(printing);
    expect(await failure(source)).toMatchObject({ code: 'SOURCE_UNAVAILABLE', reason: 'ACCESS_DENIED' });
    await rotate('right');
    await one(source);
    await nothingLeft(source);
  });
});

describe.skipIf(!native)('a command that gives no password', () => {
  const shell = (script: string): readonly [string, ...string[]] => ['sh', '-c', script];
  const canary = 'canary-token';

  it.each<readonly [what: string, argv: readonly [string, ...string[]], outcome: string]>([
    ['fails', shell(`echo ${canary}; echo ${canary} >&2; exit 3`), 'ended with exit code 3'],
    ['is killed', shell(`echo ${canary}; kill -TERM $$`), 'was ended by SIGTERM'],
    ['is not there', ['/nowhere/program', canary], 'could not be started (ENOENT)'],
    ['may not be run', ['/etc/passwd', canary], 'could not be started (EACCES)'],
    ['prints nothing', shell(`echo; echo ${canary} >&2`), 'printed nothing'],
    ['prints lines', shell(`echo ${canary}; echo ${canary}`), 'printed more than one line'],
    ['prints 1 MB', shell(`yes ${canary} | head -c 1000000`), 'printed more than 64 KiB'],
    ['prints without end', ['yes', canary], 'printed more than 64 KiB'],
  ])('%s: the source is unavailable at once, and nothing is left', async (_what, argv, outcome) => {
    const source = await open(argv);
    const error = await failure(source);
    expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', reason: 'PASSWORD_COMMAND_FAILED' });
    expect(error.cause).toMatchObject({ outcome });
    expect(error.ownMs).toBeLessThan(limits.connectTimeoutMs);
    expect(JSON.stringify([error, error.message, (error.cause as Error).message])).not.toContain(canary);
    await nothingLeft(source);
    await until(async () => (await processes(canary)) === 0);
  });

  it('hangs: it ends with all that it started, for all who wait, in the time for connecting', async () => {
    const source = await open(shell(`sleep ${hang(11)} & sleep ${hang(11)}; wait`));
    const failing = many(15, () => failure(source));
    await until(async () => (await processes(hang(11))) === 3);
    for (const error of await failing) {
      expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', reason: 'PASSWORD_COMMAND_TIMEOUT' });
      expect(error.ownMs).toBeLessThan(limits.connectTimeoutMs + 2000);
    }
    await until(async () => (await processes(hang(11))) === 0);
    await nothingLeft(source);
  });

  it('hangs, and is ended when the source closes', async () => {
    const source = await open(['sleep', hang(12)]);
    const failing = failure(source);
    await until(async () => (await processes(hang(12))) === 1);
    await source.close();
    expect((await failing).code).toBe('SOURCE_UNAVAILABLE');
    await until(async () => (await processes(hang(12))) === 0);
    await nothingLeft(source);
  });

  it('hangs, and is ended when the process is', async () => {
    const script = `
      import { runCommand } from './src/util/run-command.ts';
      runCommand(['sleep', '${hang(14)}'], { timeoutMs: 9000, signal: new AbortController().signal });
      process.stdin.once('data', () => process.exit());`;
    // The script says it too, but not as a command line has it.
    const word = `sleep\0${hang(14)}`;
    const node = spawn(process.execPath, scriptArguments(script));
    await until(async () => (await processes(word)) === 1, 10_000);
    const exited = once(node, 'exit');
    node.stdin.write('go');
    await exited;
    await until(async () => (await processes(word)) === 0);
  });

  it('is not run all the time meanwhile, and the source is back by itself once it does', async () => {
    const source = await open(shell(`echo >>'${runs}'; cat '${file}'`));
    await rm(file);
    for (let at = 0; at < 40; at++) await failure(source);
    await until(() => source.stats().breaker === 'OPEN');
    const before = await count();
    await delay(4500);
    expect((await count()) - before).toBeLessThanOrEqual(4);
    await writeFile(file, passwordOf(own.config.runtime));
    await until(() => source.stats().breaker === 'CLOSED', 6000);
    await one(source);
    await nothingLeft(source);
  });
});

describe.skipIf(!native)('every command of Tandem logs in so', () => {
  const settings = () =>
    Object.fromEntries(
      ['AZURE', 'GCP'].flatMap((name) =>
        Object.entries({
          HOST: '127.0.0.1',
          PORT: String(own.port),
          NAME: 'tandem',
          SSL_CA: join(home, 'ca.pem'),
          USER: 'tandem',
          PASSWORD_COMMAND: `cat '${file}'`,
          MIGRATOR_USER: 'tandem_migrator',
          MIGRATOR_PASSWORD_COMMAND: `cat '${join(home, 'migrator')}'`,
        }).map(([key, value]) => [`${name}_DB_${key}`, value]),
      ),
    );

  it.each([
    ['tandem migrate status', () => tandem(['migrate', 'status', '--source', 'azure'], settings())],
    ['mikro-orm', () => mikroOrm(['migration:pending', '--contextName', 'azure'], settings())],
  ])('%s', async (_name, run) => {
    await writeFile(join(home, 'ca.pem'), own.config.tls.ca ?? '');
    await writeFile(join(home, 'migrator'), passwordOf(own.config.migrator));
    const { code, stdout, stderr } = await run();
    expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining('PASSWORD_COMMAND')]);
  });

  it('preflight, which tells a command that fails from one that hangs, and both from a wrong password', async () => {
    const login = async (...argv: readonly [string, ...string[]]) => {
      const AZURE = { ...own.config, runtime: { user: 'tandem', password: { argv, cacheMs: 0 } } };
      const config = { databases: { AZURE, GCP: AZURE }, pool: limits };
      const [report] = await preflight(config, { names: ['AZURE'], onStep: () => {} });
      expect(JSON.stringify(report)).not.toContain('canary');
      const step = report?.steps.find(({ step }) => step === 'login');
      return [step?.status, ...(step?.problems ?? []).map(({ kind, cause }) => `${kind}: ${cause}`)];
    };
    expect(await login('cat', file)).toEqual(['ok']);
    expect(await login('sh', '-c', 'echo canary; exit 4')).toEqual([
      'failed',
      'PASSWORD_COMMAND_FAILED: The command in AZURE_DB_PASSWORD_COMMAND gave no password (tandem, it ended with exit code 4).',
    ]);
    expect(await login('sleep', hang(13))).toEqual([
      'failed',
      expect.stringMatching(/^PASSWORD_COMMAND_TIMEOUT: .* \(tandem, it gave no password in 2700 ms\)\.$/),
    ]);
    await until(async () => (await processes(hang(13))) === 0);
    expect(await login('echo', 'canary')).toEqual(['failed', expect.stringMatching(/^ACCESS_DENIED: /)]);
  });
});
