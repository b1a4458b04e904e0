import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runParity } from '../../src/parity/run.ts';
import { connect } from '../helpers/driver.ts';
import { createParityPair, type ParityPair, plantedRowsIn } from '../helpers/parity-pair.ts';

const seed = Number(process.env.TANDEM_SEED ?? Date.now() % 1_000_000);
/** Passes: a few; more by `npm run test:long` or TANDEM_PASSES. */
const passes = Number(process.env.TANDEM_PASSES ?? (process.env.TANDEM_LONG === '1' ? 1000 : 3));
const rows = 4000;
/** Milliseconds within which a write of AZURE reaches GCP, and the time that parity gives it. */
const lag = { most: 500, settle: 1000 } as const;
const writesPerSecond = 200;

let pair: ParityPair;

beforeAll(async () => {
  pair = await createParityPair();
  await pair.run([
    'create table busy (id int primary key, v int not null, w varchar(20))',
    `insert into busy with recursive n as (select 1 as i union all select i + 1 from n where i < 1000) select i + m.o, 0, 'w' from n join (select 0 as o union all select 1000 union all select 2000 union all select 3000) m`,
  ]);
  await pair.run(["update busy set w = 'x' where id = 17", 'delete from busy where id = 4000'], ['GCP']);
});

afterAll(() => pair?.[Symbol.asyncDispose]());

it(
  `finds what was planted and invents nothing while both sides are written to (seed ${seed})`,
  async () => {
    const writer = await startWriter();
    try {
      for (let pass = 1; pass <= passes; pass++) {
        writer.latest = 0;
        const report = await runParity(pair.clients, {
          tables: ['busy'],
          since: null,
          resume: false,
          throttle: 100,
          settleMs: lag.settle,
        });
        const [table] = report.tables;
        if (table === undefined) throw new Error('There is no table.');
        // A machine that is busy with something else may hold the writer up: a pass with a longer lag says nothing.
        if (writer.latest > lag.settle) continue;
        expect([pass, plantedRowsIn(table)]).toEqual([
          pass,
          [
            ['DIFFERENT', 'id=17', 'w'],
            ['ONLY_AZURE', 'id=4000', ''],
          ],
        ]);
        expect(table.hot).toBeLessThanOrEqual(rows / 100);
      }
      expect(writer.written).toBeGreaterThan(100);
    } finally {
      await writer.stop();
    }
  },
  passes * 30_000,
);

/** Writes to AZURE, and the same to GCP a little later, in the same order. */
async function startWriter() {
  const { databases } = pair.config;
  const [azure, gcp] = await Promise.all([
    connect(databases.AZURE, databases.AZURE.migrator),
    connect(databases.GCP, databases.GCP.migrator),
  ]);
  let state = seed || 1;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  let stopped = false;
  let next = 0;
  const writer = { latest: 0, written: 0, stop };
  let following: Promise<unknown> = Promise.resolve();
  const run = (async () => {
    const began = performance.now();
    for (let count = 0; !stopped; count++) {
      const sql = statement();
      await azure.query(sql);
      const at = performance.now();
      next = Math.max(next, at + random(lag.most));
      const due = next;
      following = following.then(async () => {
        await delay(Math.max(0, due - performance.now()));
        await gcp.query(sql);
        writer.latest = Math.max(writer.latest, performance.now() - at);
      });
      writer.written += 1;
      await delay(Math.max(0, began + (count * 1000) / writesPerSecond - performance.now()));
    }
  })();
  return writer;

  /** Of rows that are not planted: 100 to 3999, and new ones. */
  function statement(): string {
    const id = 100 + random(3900);
    const kind = random(10);
    if (kind === 0) return `delete from busy where id = ${id}`;
    if (kind === 1) return `insert ignore into busy values (${id}, ${random(1000)}, 'n')`;
    return `update busy set v = ${random(1000)} where id = ${id}`;
  }

  async function stop() {
    stopped = true;
    await run;
    await following;
    azure.destroy();
    gcp.destroy();
  }
}
