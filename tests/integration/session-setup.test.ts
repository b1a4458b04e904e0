import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlSettings } from '../../src/sources/pool/control-link.ts';
import { createControlSession } from '../../src/sources/pool/control-session.ts';
import { type Connect, connector } from '../../src/sources/pool/open-connection.ts';
import { passwordsOf } from '../../src/sources/pool/passwords.ts';
import { createPool, type Pool } from '../../src/sources/pool/pool.ts';
import type { Session } from '../../src/sources/pool/session.ts';
import { setStatement } from '../../src/sources/pool/session-settings.ts';
import { pool } from '../helpers/databases.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { stopwatch } from '../helpers/own-time.ts';

const native = await hasNativeServer();
const timeoutMs = 2500;
const limits = { ...pool, max: 6, connectTimeoutMs: timeoutMs };

/** What a session is set up with before anybody gets it: fine, refused by the server, and without an end. */
const fine = setStatement({ wait_timeout: 60 });
const throws = 'set session no_such_variable = 1';
const hangs = 'set session wait_timeout = (select 60 + sleep(30))';
const ofControl = setStatement(controlSettings);

let own: OwnServer;
beforeAll(async () => {
  // One that started after this process did, as a server does that was away.
  if (native) own = await startOwnServer();
});
afterAll(() => own?.[Symbol.asyncDispose]());

/** A pool whose sessions, and whose control sessions, are set up with one after another; the last one goes on. */
function open(work: readonly string[], control: readonly string[] = [ofControl]): Pool {
  const { runtime } = own.config;
  const connect = connector(own.config, runtime, passwordsOf(runtime, timeoutMs));
  const each = (statements: readonly string[]): Connect => {
    let at = 0;
    return (opened) => connect({ timeoutMs, setUp: statements[at++] ?? statements.at(-1) ?? '' })(opened);
  };
  return createPool({
    source: 'AZURE',
    limits,
    connect: each(work),
    control: (hooks) => createControlSession({ ...hooks, timeoutMs, connect: each(control) }),
  });
}

const acquire = (from: Pool) =>
  new Promise<Session>((resolve, reject) => {
    from.acquire((error, session) => (session === undefined ? reject(error) : resolve(session)));
  });

/** What became of so many callers: the code of the driver's error, or `ok`, for which the session is given back. */
const acquireMany = (from: Pool, count: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      acquire(from).then(
        (session) => {
          session.release();
          return 'ok';
        },
        ({ code }) => code,
      ),
    ),
  );

/** What the sessions of the account do on the server. */
const onServer = async () =>
  (
    await own.sql<{ info: string | null }>(
      "select info from information_schema.processlist where user = 'tandem'",
    )
  ).map(({ info }) => info ?? 'nothing');

async function until(condition: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > ms) throw new Error('It did not come about in time.');
    await delay(10);
  }
}

const settled = (of: Pool) => until(() => of.stats().closing + of.stats().connecting === 0);

describe.skipIf(!native)('setting up a session', () => {
  it('that the server refuses: who waits is told, and nothing is left', async () => {
    const from = open([throws]);
    expect(await acquireMany(from, 3)).toEqual(Array(3).fill('ER_UNKNOWN_SYSTEM_VARIABLE'));
    await settled(from);
    expect(from.stats()).toMatchObject({ inUse: 0, idle: 0, waiting: 0 });
    await from.close();
    await until(async () => (await onServer()).length === 0);
  });

  it('that hangs: who waits is told in time, and places are free when the server has ended it, not before', async () => {
    const from = open([hangs, hangs, fine]);
    const took = stopwatch();
    const outcomes = acquireMany(from, 2);
    await until(async () => (await onServer()).filter((info) => info.includes('sleep(30)')).length === 2);
    // Where the first is late much earlier than the second, the pool opens a third one, which goes well.
    expect(await outcomes).toEqual(['ETIMEDOUT', expect.stringMatching(/^(ETIMEDOUT|ok)$/)]);
    expect(took().ownMs).toBeLessThan(timeoutMs + 2000);
    await settled(from);
    expect((await onServer()).filter((info) => info.includes('sleep(30)'))).toEqual([]);
    expect(await acquireMany(from, 20)).toEqual(Array(20).fill('ok'));
    await from.close();
    await until(async () => (await onServer()).length === 0);
  });

  it('that fails once does so for nobody else', async () => {
    const from = open([fine, throws, hangs, fine]);
    const held = await acquire(from);
    const outcomes = acquireMany(from, 2);
    await delay(300);
    held.release();
    expect(await outcomes).toEqual(['ok', 'ok']);
    await settled(from);
    await from.close();
    await until(async () => (await onServer()).length === 0);
  });

  it('of the pool’s own connection that hangs: the next one ends it', async () => {
    const from = open([fine], [hangs, ofControl]);
    await expect(from.ask('select 1')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await until(async () => !(await onServer()).some((info) => info.includes('sleep(30)')), 10_000);
    expect(await from.ask('select 1 as one')).toEqual([{ one: 1 }]);
    await from.close();
    await until(async () => (await onServer()).length === 0);
  });
});
