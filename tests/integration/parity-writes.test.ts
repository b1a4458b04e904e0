import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareTable, nothingCompared } from '../../src/parity/compare-table.ts';
import { openPair } from '../../src/parity/open-pair.ts';
import type { TablePair } from '../../src/parity/table-pair.ts';
import { paceOf } from '../../src/parity/throttle.ts';
import { optionsOf } from '../helpers/driver.ts';
import type { FollowingWrites, WriterNews } from '../helpers/following-writer.ts';
import { createParityPair, type ParityPair, plantedRowsIn } from '../helpers/parity-pair.ts';

const seed = Number(process.env.TANDEM_SEED ?? Date.now() % 1_000_000);
/** Passes: a few; more by `npm run test:long` or TANDEM_PASSES. */
const passes = Number(process.env.TANDEM_PASSES ?? (process.env.TANDEM_LONG === '1' ? 1000 : 3));
/** Passes at the same time: most of a pass is waiting for rows to stand still. */
const lanes = Math.min(passes, 12);
const rows = 4000;
/** Milliseconds within which a write of AZURE reaches GCP: 450 until it is sent. */
const lag = { sent: 450, most: 500, settle: 1000 } as const;
/** Fewer where other tests want the machine, too. */
const writesPerSecond = passes > 3 ? 200 : 50;

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

const planted = [
  ['DIFFERENT', 'id=17', 'w'],
  ['ONLY_AZURE', 'id=4000', ''],
].map(String);

it(
  `finds what was planted and invents nothing while both sides are written to (seed ${seed})`,
  async () => {
    const opened = await openPair(pair.clients, ['busy']);
    const [busy] = 'pairs' in opened ? opened.pairs : [];
    if (busy === undefined) throw new Error('There is no table.');
    await using writer = await startWriter();
    const done = { begun: 0, judged: 0, skipped: 0, found: 0, invented: [] as string[], hot: 0 };
    const lane = async (at: number) => {
      // Not all at once.
      await delay((at * 3000) / lanes);
      while (done.begun - done.skipped < passes) {
        done.begun += 1;
        await pass(busy);
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, at) => lane(at)));
    const { written, seconds, late, slowestMs } = writer.told();
    if (passes > 3)
      console.info(
        [
          `seed ${seed}: ${done.judged} passes in ${seconds.toFixed(0)} s, and ${done.skipped} more that say nothing, since a write took more than ${lag.settle} ms`,
          `${(written / seconds).toFixed(1)} writes a second on both sides, of ${writesPerSecond}; the slowest ${slowestMs.toFixed(0)} ms apart, and more than ${lag.most} ms in ${late} of ${Math.round(seconds * 20)} looks`,
          `planted ${done.found} of ${done.judged * planted.length} found, invented ${done.invented.length}, hot at most ${((100 * done.hot) / rows).toFixed(2)} % of the rows of a pass`,
        ].join('\n'),
      );
    expect(written).toBeGreaterThan(50);
    expect(done).toMatchObject({ invented: [], found: done.judged * planted.length });
    expect(done.hot).toBeLessThanOrEqual(rows / 100);

    async function pass(table: TablePair): Promise<void> {
      const from = writer.told().news;
      const found = await compareTable(table, pair.clients, {
        pace: paceOf({ percent: 100, settleMs: lag.settle }),
        begun: nothingCompared('busy'),
        progress: () => {},
      });
      await writer.next();
      // A machine that is busy with something else may hold the writer up: a pass with a longer lag says nothing.
      if (writer.slowestSince(from) > lag.settle) {
        done.skipped += 1;
        expect(done.skipped).toBeLessThan(passes + 20);
        return;
      }
      const differing = plantedRowsIn(found).map(String);
      done.judged += 1;
      done.found += planted.filter((row) => differing.includes(row)).length;
      done.invented.push(...differing.filter((row) => !planted.includes(row)));
      done.hot = Math.max(done.hot, found.hot);
    }
  },
  60_000 + passes * 10_000,
);

/** Writes go on until it is disposed of. */
async function startWriter() {
  const { AZURE, GCP } = pair.config.databases;
  const workerData: FollowingWrites = {
    azure: optionsOf(AZURE, AZURE.migrator),
    gcp: optionsOf(GCP, GCP.migrator),
    perSecond: writesPerSecond,
    lagMs: lag.sent,
    seed,
  };
  const worker = new Worker(new URL('../helpers/following-writer.ts', import.meta.url), { workerData });
  const news: WriterNews[] = [];
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  failed.catch(() => {});
  worker.on('message', (one: WriterNews) => news.push(one));
  const next = async () => void (await Promise.race([once(worker, 'message'), failed]));
  await next();
  const slowestSince = (from: number) => Math.max(...news.slice(from).map(({ slowestMs }) => slowestMs));
  return {
    next,
    /** Milliseconds that the slowest write since took from one side to the other. */
    slowestSince,
    told: () => ({
      ...(news.at(-1) as WriterNews),
      news: news.length,
      late: news.filter(({ slowestMs }) => slowestMs > lag.most).length,
      slowestMs: slowestSince(0),
    }),
    async [Symbol.asyncDispose]() {
      worker.postMessage('stop');
      await Promise.race([once(worker, 'exit'), failed]);
    },
  };
}
