import { Valkey } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRequestStore } from '../../src/access/request-count-store.ts';
import { requestCounters } from '../../src/access/request-counters.ts';
import { createLog } from '../../src/log/log.ts';
import { createDatabases, environmentOf } from '../helpers/databases.ts';
import { hasRequestStore, type StoreServer, startRequestStore } from '../helpers/request-store.ts';
import { startServing } from '../helpers/serving.ts';

if (!hasRequestStore) {
  process.stderr.write(
    'No Valkey or Redis here (Debian: redis-tools): limits across machines are not tested.\n',
  );
}

describe.skipIf(!hasRequestStore)('a Valkey or Redis that counts requests', () => {
  let server: StoreServer;
  beforeAll(async () => {
    server = await startRequestStore();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const limit = { name: 'role slow', perMinute: 3 };

  async function opened() {
    const lines: string[] = [];
    const log = createLog({ level: 'debug' }, { write: (line) => void lines.push(line) });
    const store = await openRequestStore(server.url, log);
    const count = requestCounters(store.counters)(limit);
    return { count, lines, [Symbol.dispose]: store.close };
  }
  type Opened = Awaited<ReturnType<typeof opened>>;

  /** Until a count comes from the store, with a key of no interest. */
  const untilShared = ({ count }: Opened, { count: other }: Opened) =>
    expect
      .poll(
        async () => {
          const key = crypto.randomUUID();
          for (let at = 0; at < 2; at++) await Promise.all([count(key), other(key)]);
          return (await count(key)) !== null && (await other(key)) !== null;
        },
        { timeout: 60_000 },
      )
      .toBe(true);

  it('holds two processes to one limit', async () => {
    await using databases = await createDatabases();
    const settings = {
      ...environmentOf(databases.config),
      LIMIT_REQUESTS_PER_MINUTE: '20',
      LIMIT_STORE_URL: server.url,
    };
    await using one = await startServing(settings);
    await using other = await startServing(settings);
    const statuses: number[] = [];
    for (let at = 0; at < 30; at++) {
      const { url } = at % 2 === 0 ? one : other;
      const { status } = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ __typename }"}',
      });
      statuses.push(status);
    }
    expect(statuses).toEqual([...Array(20).fill(200), ...Array(10).fill(429)]);
  });

  it('counts each request once, however many come at the same time, and forgets after a minute', async () => {
    using one = await opened();
    using other = await opened();
    await untilShared(one, other);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? one : other).count('Ada')),
    );
    expect(answers.filter((answer) => answer === null)).toHaveLength(limit.perMinute);
    for (const waitMs of answers) expect(waitMs ?? 1).toBeLessThanOrEqual(60_000);
    const client = new Valkey(server.url);
    const keys = await client.keys('*');
    for (const key of keys) {
      expect(key).toMatch(/^tandem (?:role slow|address):[\w-]{43}$/);
      expect(await client.pttl(key)).toBeGreaterThan(0);
    }
    client.disconnect();
  });

  it('leaves each process to count by itself while it hangs or is away, and counts for all again', async () => {
    using one = await opened();
    using other = await opened();
    await untilShared(one, other);
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      await server.signal(signal);
      const key = crypto.randomUUID();
      for (const { count } of [one, other]) {
        const answers = [];
        for (let at = 0; at < 5; at++) answers.push((await count(key)) === null);
        expect(answers, signal).toEqual([true, true, true, false, false]);
      }
      if (signal === 'SIGSTOP') await server.signal('SIGCONT');
      else await server.start();
      await untilShared(one, other);
    }
    const text = one.lines.join('');
    expect(text).toContain('the store of request counts does not answer');
    expect(text).toContain('the store of request counts answers again');
    expect(text).not.toContain('secret');
  });
});
