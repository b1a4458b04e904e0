import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { pool, testConfig } from '../helpers/databases.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const native = await hasNativeServer();

/** A name, which is the proxy's port, that leads from one server to another while the first one lives on. */
describe.skipIf(!native)('after a failover by name', () => {
  let old: OwnServer;
  let promoted: OwnServer;
  let proxy: TcpProxy;
  let server: TestServer;

  beforeAll(async () => {
    old = await startOwnServer();
    promoted = await startOwnServer({ like: old });
    for (const each of [old, promoted]) await migrateUp('AZURE', each.config, pool);
  });
  afterAll(async () => {
    await promoted?.[Symbol.asyncDispose]();
    await old?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    proxy = await startProxy(old.port);
    const AZURE = { ...old.config, port: proxy.port };
    server = await startServer(testConfig({ AZURE, GCP: AZURE }));
  });
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await old.sql('set global read_only = off');
  });

  const write = async () => {
    const { errors } =
      await server.ask(`mutation { createPatient(source: AZURE, input: { firstName: "A", lastName: "B",
      dateOfBirth: "2000-01-01", gender: OTHER }) { patient { key } } }`);
    return errors?.[0].extensions.code ?? 'ok';
  };
  const many = (count: number) => Promise.all(Array.from({ length: count }, write));
  const where = async () => {
    const rows = await server.sources.AZURE.arrays({ sql: 'select @@port', params: [] });
    return rows[0]?.[0];
  };
  /** Sessions that the old server has of the account. */
  const left = async () => {
    const [row] = await old.sql<{ n: number }>(
      "select count(*) n from information_schema.processlist where user = 'tandem'",
    );
    return Number(row?.n);
  };
  async function until(condition: () => Promise<boolean>, ms: number): Promise<void> {
    const late = performance.now() + ms;
    while (!(await condition())) {
      if (performance.now() > late) throw new Error('It did not come about in time.');
      await delay(20);
    }
  }

  it('changes that the demoted server refuses lead to the new one within a second or two', async () => {
    expect(await many(19)).toEqual(Array(19).fill('ok'));
    await old.sql('set global super_read_only = on');
    proxy.to = promoted.port;
    const codes: string[] = [];
    const began = performance.now();
    while (performance.now() - began < 8000) {
      codes.push(...(await many(4)));
      if (codes.slice(-40).every((code) => code === 'ok') && codes.length > 40) break;
      await delay(20);
    }
    expect(codes[0]).toBe('READ_ONLY');
    expect(codes.slice(-40)).toEqual(Array(40).fill('ok'));
    expect(new Set(codes)).toEqual(new Set(['READ_ONLY', 'ok']));
    await until(async () => (await left()) === 0, 10_000);
  });

  it('a pool that only reads moves within seconds, and no read fails of it', async () => {
    const reads = (count: number) => Promise.all(Array.from({ length: count }, where));
    expect(new Set(await reads(15))).toEqual(new Set([old.port]));
    proxy.to = promoted.port;
    await until(async () => !(await reads(10)).includes(old.port), 12_000);
    await until(async () => (await left()) === 0, 10_000);
  });

  it('a transaction that has begun finishes where it began', async () => {
    await server.sources.AZURE.write(async (em) => {
      await em.execute("update patients set last_name = 'C' where id = 1");
      proxy.to = promoted.port;
      await until(async () => (await where()) === promoted.port, 12_000);
      const [row] = await em.execute<{ port: number }[]>('select @@port as port');
      expect(row?.port).toBe(old.port);
    });
    await until(async () => (await left()) === 0, 10_000);
  });

  it('a server that is read-only for good is not connected to again for each change that it refuses', async () => {
    await old.sql('set global super_read_only = on');
    await many(10);
    const before = proxy.taken;
    for (let n = 0; n < 30; n++) expect(new Set(await many(10))).toEqual(new Set(['READ_ONLY']));
    expect(proxy.taken - before).toBeLessThan(40);
    await old.sql('set global read_only = off');
    expect(await write()).toBe('ok');
  });
});
