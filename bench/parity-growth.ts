import 'reflect-metadata';
import { formatSeconds } from '../src/commands/terminal.ts';
import { runParity } from '../src/parity/run.ts';
import { sourceNames } from '../src/source-name.ts';
import { grouped } from '../src/util/terminal-text.ts';
import { withParityPair } from './parity-pair.ts';
import { say } from './terminal.ts';

/**
 * `npx tsx bench/parity-growth.ts [rows]`: time and memory of tandem parity, unthrottled, as a table of small rows doubles, up to ten
 * million rows. A row of the middle differs.
 */
const most = Number(process.argv[2] ?? 10_000_000);
/** Seven doublings make it ten million. */
const first = Math.min(most, 78_125);

await withParityPair(async (clients) => {
  const { GCP: gcp } = clients;
  const onBoth = (sql: string) => Promise.all(sourceNames.map((source) => clients[source].run(sql)));
  const numbers = (from: number, to: number) =>
    `with recursive n as (select ${from} as i union all select i + 1 from n where i < ${to})
      select /*+ set_var(cte_max_recursion_depth = ${first}) */`;

  const columns = '(id int primary key, v int not null, w char(8) not null)';
  for (const table of ['block', 'growing']) await onBoth(`create table ${table} ${columns}`);
  await onBoth(`insert into block ${numbers(1, first)} i, i * 7 % 1000, left(sha2(i, 256), 8) from n`);
  /** From another table, in the order of the key: MySQL copies what it reads of the one that it writes. */
  const add = (from: number, blocks: number) =>
    onBoth(
      `insert into growing ${numbers(from, from + blocks - 1)} id + n.i * ${first}, v, w from n straight_join block`,
    );
  await add(0, 1);
  for (let rows = first; ; rows *= 2) {
    const changed = Math.ceil(rows / 2);
    await gcp.run(`update growing set v = v + 1000 where id = ${changed}`);
    const before = process.memoryUsage().rss;
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 50);
    const began = performance.now();
    const { verdict, tables } = await runParity(clients, {
      tables: ['growing'],
      since: null,
      resume: false,
      throttle: 100,
      settleMs: 200,
    });
    const ms = performance.now() - began;
    clearInterval(sampling);
    if (verdict !== 'DIFFERENT' || tables[0]?.different !== 1) throw new Error(`It found ${verdict}.`);
    await gcp.run(`update growing set v = v - 1000 where id = ${changed}`);
    const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
    say(
      `  ${grouped(rows)} rows: ${formatSeconds(ms)}, ${((ms / rows) * 1000).toFixed(2)} µs a row, memory ${mib(before)} → at most ${mib(peak)} MiB`,
    );
    if (rows * 2 > most) break;
    const loading = performance.now();
    await add(rows / first, rows / first);
    say(`  ${grouped(rows)} rows more on both sides: ${formatSeconds(performance.now() - loading)}`);
  }
});
