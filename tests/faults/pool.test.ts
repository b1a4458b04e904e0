import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { pool } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { holdConnections } from '../helpers/hold-connections.ts';
import { startServer } from '../helpers/server.ts';
import { askMany, azure, slowest, tally } from './asking.ts';
import { behindProxy } from './behind-proxy.ts';
import { row, seconds, timed } from './row.ts';

const at = behindProxy();

row(12, 'the pool is held by transactions', '`POOL_TIMEOUT` in ≤ 3.2 s', async (tell) => {
  const { AZURE } = at.server.sources;
  const release = await holdConnections(AZURE, 19);
  const results = await askMany(at.server, azure, 20);
  expect(tally(results)).toBe('POOL_TIMEOUT 20');
  expect(slowest(results)).toBeLessThan(3200);
  await release();
  tell(seconds(slowest(results)));
});

row(
  13,
  'the queue is full',
  '`OVERLOADED` at once, 503 and `Retry-After` where the whole request fails',
  async (tell) => {
    await using small = await startServer({ ...at.databases.config, pool: { ...pool, queueMax: 5 } });
    const { AZURE } = small.sources;
    const release = await holdConnections(AZURE, 19);
    const waiting = Array.from({ length: 5 }, () => AZURE.arrays({ sql: 'select 1', params: [] }));
    // The first one runs code that this process has not run yet.
    await small.ask(azure);
    const { value, ownMs } = await timed(() => small.ask(azure));
    expect([value.status, value.errors?.[0].extensions.code, value.headers.get('retry-after')]).toEqual([
      503,
      'OVERLOADED',
      '1',
    ]);
    expect(ownMs).toBeLessThan(100);
    await release();
    await Promise.all(waiting);
    tell(seconds(ownMs));
  },
);

row(
  14,
  'a slow query',
  '`TIMEOUT` at the deadline; the statement is gone from the process list',
  async (tell) => {
    const [first] = at.sleeping(1, 60) as [Promise<unknown>];
    const { ms, ownMs } = await timed(() => first.catch(({ code }) => expect(code).toBe('TIMEOUT')));
    expect(ms).toBeGreaterThan(4900);
    expect(ownMs).toBeLessThan(5200);
    const gone = await at.settled();
    const running = await at.server.sources.AZURE.ask<{ n: number }>(
      "select count(*) as n from information_schema.processlist where info like 'select sleep%'",
    );
    expect(Number(running[0]?.n)).toBe(0);
    tell(`after ${seconds(ms)}; gone from the server ${seconds(gone)} later`);
  },
);

row(
  15,
  'a lock wait; a deadlock',
  '`TIMEOUT` ≤ deadline; the deadlocked transaction is run again as a whole',
  async (tell) => {
    const touch = (key: number) => `update patients set contact_number = '555' where id = ${key}`;
    const { AZURE } = at.server.sources;
    const holder = await connect(at.databases.config.databases.AZURE);
    await holder.query('begin');
    await holder.query(touch(1));
    const { ownMs } = await timed(() =>
      AZURE.write((em) => em.execute(touch(1))).catch(({ code }) => expect(code).toBe('TIMEOUT')),
    );
    expect(ownMs).toBeLessThan(5200);
    await holder.query('rollback');
    holder.destroy();
    let runs = 0;
    let locked = 0;
    const both = (one: number, other: number) =>
      AZURE.write(async (em) => {
        runs += 1;
        await em.execute(touch(one));
        locked += 1;
        // Each has its first row before one asks for the other's.
        while (locked < 2) await delay(10);
        await em.execute(touch(other));
      });
    await Promise.all([both(2, 3), both(3, 2)]);
    expect(runs).toBeGreaterThan(2);
    tell(`TIMEOUT after ${seconds(ownMs)}; two deadlocked transactions both committed in ${runs} runs`);
  },
);

row(
  23,
  'the client goes away in the middle of a query',
  'the statement ends, the slot is freed',
  async (tell) => {
    const { AZURE } = at.databases.config.databases;
    const [reader, changer] = [await connect(AZURE), await connect(AZURE, AZURE.migrator)];
    await reader.query('begin');
    await reader.query('select 1 from patients limit 1');
    const change = changer.query("alter table patients comment = 'changed'");
    await delay(300);
    const client = new AbortController();
    const asked = fetch(`${at.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: azure }),
      signal: client.signal,
    }).catch(() => {});
    while (at.stats().inUse === 0) await delay(10);
    client.abort();
    await asked;
    const freed = await at.settled();
    // By its deadline it would end after 5 s.
    expect(freed).toBeLessThan(3000);
    await reader.query('rollback');
    await change;
    reader.destroy();
    changer.destroy();
    tell(`${seconds(freed)} after the client’s end`);
  },
);
