import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareTable, nothingCompared } from '../../src/parity/compare-table.ts';
import { openPair } from '../../src/parity/open-pair.ts';
import { paceOf } from '../../src/parity/pace.ts';
import type { TablePair } from '../../src/parity/table-pair.ts';
import type { SourceName } from '../../src/source-name.ts';
import { connect } from '../helpers/driver.ts';
import { createParityPair, type ParityPair, plantedRowsIn } from '../helpers/parity-pair.ts';

const seed = Number(process.env.TANDEM_SEED ?? Date.now() % 1_000_000);
/** Passes: a few; more by `npm run test:long` or TANDEM_PASSES. */
const passes = Number(process.env.TANDEM_PASSES ?? (process.env.TANDEM_LONG === '1' ? 1000 : 3));
/** Passes at the same time: most of a pass is waiting for rows to stand still. */
const lanes = Math.min(passes, 15);
const rows = 4000;
/** Milliseconds within which a write of AZURE reaches GCP, and the time that parity gives it. */
const lag = { most: 500, settle: 1000 } as const;
const writesPerSecond = 200;
/** Connections that write to each side. */
const workers = 6;

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
    const opened = await openPair(pair.clients, ['busy']);
    const [busy] = 'pairs' in opened ? opened.pairs : [];
    if (busy === undefined) throw new Error('There is no table.');
    const writer = await startWriter();
    const done = { begun: 0, skipped: 0, hot: 0 };
    try {
      const lane = async () => {
        while (done.begun - done.skipped < passes) {
          done.begun += 1;
          await pass(busy);
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      expect(writer.written).toBeGreaterThan(100);
      if (passes > 100) console.log({ seed, ...done, written: writer.written, ...writer.rate() });
    } finally {
      await writer.stop();
    }

    async function pass(table: TablePair): Promise<void> {
      const began = performance.now();
      const found = await compareTable(table, pair.clients, {
        pace: paceOf({ percent: 100, settleMs: lag.settle }),
        begun: nothingCompared('busy'),
        progress: () => {},
      });
      // A machine that is busy with something else may hold the writer up: a pass with a longer lag says nothing.
      if (writer.slowest(began) > lag.settle) {
        done.skipped += 1;
        expect(done.skipped).toBeLessThan(passes + 10);
        return;
      }
      expect(plantedRowsIn(found)).toEqual([
        ['DIFFERENT', 'id=17', 'w'],
        ['ONLY_AZURE', 'id=4000', ''],
      ]);
      done.hot = Math.max(done.hot, found.hot);
      expect(found.hot).toBeLessThanOrEqual(rows / 100);
    }
  },
  60_000 + passes * 10_000,
);

/** Writes to AZURE, and the same to GCP a little later, those of one row in the same order. */
async function startWriter() {
  const { databases } = pair.config;
  const several = (source: SourceName) =>
    Promise.all(
      Array.from({ length: workers }, () => connect(databases[source], databases[source].migrator)),
    );
  const [azure, gcp] = [await several('AZURE'), await several('GCP')];
  let state = seed || 1;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  let stopped = false;
  let next = 0;
  /** When a write was late that took longer than parity allows, and by how much. */
  const late: { readonly at: number; readonly ms: number }[] = [];
  const started = performance.now();
  const writer = {
    written: 0,
    stop,
    /** Milliseconds of the slowest write since then, the ones that parity allows left out. */
    slowest: (since: number) => Math.max(0, ...late.filter(({ at }) => at >= since).map(({ ms }) => ms)),
    rate: () => ({
      perSecond: Math.round(writer.written / ((performance.now() - started) / 1000)),
      late: late.length,
    }),
  };
  const writing: Promise<unknown>[] = azure.map(() => Promise.resolve());
  const following: Promise<unknown>[] = gcp.map(() => Promise.resolve());
  const run = (async () => {
    const began = performance.now();
    for (let count = 0; !stopped; count++) {
      const { id, sql } = statement();
      const by = id % workers;
      await writing[by];
      writing[by] = write(by, sql);
      writer.written += 1;
      await delay(Math.max(0, began + (count * 1000) / writesPerSecond - performance.now()));
    }
  })();
  return writer;

  async function write(by: number, sql: string): Promise<void> {
    await azure[by]?.query(sql);
    const at = performance.now();
    next = Math.max(next, at + random(lag.most));
    const due = next;
    following[by] = (following[by] as Promise<unknown>).then(async () => {
      await delay(Math.max(0, due - performance.now()));
      await gcp[by]?.query(sql);
      const now = performance.now();
      if (now - at > lag.settle) late.push({ at: now, ms: now - at });
    });
  }

  /** Of rows that are not planted: 100 to 3999, and new ones. */
  function statement(): { readonly id: number; readonly sql: string } {
    const id = 100 + random(3900);
    const kind = random(10);
    if (kind === 0) return { id, sql: `delete from busy where id = ${id}` };
    if (kind === 1) return { id, sql: `insert ignore into busy values (${id}, ${random(1000)}, 'n')` };
    return { id, sql: `update busy set v = ${random(1000)} where id = ${id}` };
  }

  async function stop() {
    stopped = true;
    await run;
    await Promise.all(writing);
    await Promise.all(following);
    for (const connection of [...azure, ...gcp]) connection.destroy();
  }
}
