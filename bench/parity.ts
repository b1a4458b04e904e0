import 'reflect-metadata';
import { formatSeconds } from '../src/commands/terminal.ts';
import { runParity } from '../src/parity/run.ts';
import { sourceNames } from '../src/source-name.ts';
import { grouped } from '../src/util/terminal-text.ts';
import { withParityPair } from './parity-pair.ts';
import { say } from './terminal.ts';

/**
 * `npx tsx bench/parity.ts [rows] [rounds]`: tandem parity, unthrottled, beside one scan of one side that makes a checksum, and beside such a scan
 * of each side at once, which shows what the two servers cost each other on one machine.
 */
const rows = Number(process.argv[2] ?? 300_000);
const rounds = Number(process.argv[3] ?? 5);
const rowsAtOnce = 10_000;

const columns = `id bigint primary key, a int not null, b bigint null, c decimal(12, 4) not null, d datetime(3) not null,
  e varchar(60) not null, f varchar(200) null, g double not null, h char(36) not null`;
const scan =
  "select cast(sum(crc32(concat_ws('#', id, a, b, c, d, e, f, g, h))) as char) as s from rows_compared";

function fill(from: number): string {
  const to = Math.min(rows, from + rowsAtOnce - 1);
  return `insert into rows_compared with recursive n as (select ${from} as i union all select i + 1 from n where i < ${to})
    select /*+ set_var(cte_max_recursion_depth = ${rowsAtOnce}) */ i, i * 7 % 1000, nullif(i % 10, 0), i / 3,
      '2024-01-01' + interval i second, concat('name ', i), if(i % 3 = 0, null, sha2(i, 256)), i / 7, left(sha2(-i, 256), 36) from n`;
}

await withParityPair(async (clients) => {
  await Promise.all(
    sourceNames.map(async (source) => {
      await clients[source].run(`create table rows_compared (${columns})`);
      for (let from = 1; from <= rows; from += rowsAtOnce) await clients[source].run(fill(from));
    }),
  );
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const one = await timed(() => clients.AZURE.rows(scan));
    const both = await timed(() => Promise.all(sourceNames.map((source) => clients[source].rows(scan))));
    const before = process.memoryUsage().rss;
    const all = await timed(() =>
      runParity(clients, {
        tables: ['rows_compared'],
        since: null,
        resume: false,
        throttle: 100,
        settleMs: 1000,
      }),
    );
    const mib = Math.round((process.memoryUsage().rss - before) / 2 ** 20);
    ratios.push(all / one);
    say(
      `  ${grouped(rows)} rows: one scan ${formatSeconds(one)}, one of each side at once ${formatSeconds(both)} (${(both / one).toFixed(2)} ×), parity ${formatSeconds(all)} (${(all / one).toFixed(2)} ×), ${mib} MiB more memory`,
    );
  }
  const sorted = ratios.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(2));
  say(`  parity over one scan: ${sorted[Math.floor(rounds / 2)]} (${sorted[0]} to ${sorted.at(-1)})`);
});
