import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { reportLocal } from '../src/commands/report-local.ts';
import { loadConfig } from '../src/config/config.ts';
import { ensureLocal } from '../src/local/local-pair.ts';
import { createLog } from '../src/log/log.ts';
import { migrateUp } from '../src/migrator/up.ts';
import { openParityClient } from '../src/parity/client.ts';
import { seed } from '../src/seeders/seed.ts';
import { sourceNames } from '../src/source-name.ts';
import { openSources } from '../src/sources/sources.ts';
import { start } from '../src/start.ts';
import { grouped } from '../src/util/terminal-text.ts';
import { encodeRequest } from './load/connection.ts';
import { runLoad } from './load/run-load.ts';
import { say, terminal } from './terminal.ts';

/**
 * `npx tsx bench/parity-beside-load.ts [rounds] [seconds] [rows]`: throughput and p99 of reads (W1) while the API's own run of parity goes on with the
 * default throttle, beside rounds without it.
 */
const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 12);
const rows = Number(process.argv[4] ?? 1_000_000);
const clientsAtOnce = 8;
const patients = 5000;

const home = `${process.cwd()}/.tandem/bench-parity`;
const ours = Object.entries(process.env).filter(([name]) => !/^(AZURE|GCP)_DB_/.test(name));
const pair = await ensureLocal({ home, env: Object.fromEntries(ours), report: reportLocal(terminal) });
const table = 'rows_beside';
try {
  const given = loadConfig({ ...pair.env, PORT: '0' }, home);
  const config = { ...given, auth: { ...given.auth, mode: 'open' as const } };
  for (const source of sourceNames) await migrateUp(source, config.databases[source], config.pool);
  const sources = await openSources(config);
  for (const source of sourceNames) await seed(sources[source], patients);
  await sources.close();
  for (const source of sourceNames) {
    await using client = await openParityClient(source, config);
    await client.run(`drop table if exists ${table}`);
    await client.run(`create table ${table} (id int primary key, v int not null, w char(36) not null)`);
    for (let from = 1; from < rows; from += 100_000)
      await client.run(
        `insert into ${table} with recursive n as (select ${from} as i union all select i + 1 from n where i < ${Math.min(rows, from + 99_999)})
          select /*+ set_var(cte_max_recursion_depth = 100000) */ i, i % 1000, left(sha2(i, 256), 36) from n`,
      );
  }
  const running = await start(config, createLog({ level: 'silent' }));
  const port = Number(new URL(running.url).port);
  const ask = async (query: string) => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await response.json()) as {
      data: { startParity: { id: string }; parity: { state: string; progress: { rows: number } } };
      errors?: unknown;
    };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  const requests = sourceNames.flatMap((source) =>
    Array.from({ length: 100 }, (_, at) => {
      const query = `{ patients(source: ${source}, first: 20, where: { key: { gt: ${at * 40} } }) { nodes { key firstName lastName records { nodes { key diagnosis treatment } } } } }`;
      return encodeRequest({ path: '/graphql', body: JSON.stringify({ query }) });
    }),
  );
  const { signal } = new AbortController();
  const load = () => runLoad(port, requests, { clients: clientsAtOnce, seconds, signal });
  const figures = { alone: [] as number[][], beside: [] as number[][] };
  await load();
  for (let round = 1; round <= rounds; round++) {
    for (const what of ['alone', 'beside'] as const) {
      let id: string | undefined;
      if (what === 'beside') {
        ({ id } = (await ask(`mutation { startParity(tables: ["${table}"]) { id } }`)).startParity);
        await delay(1000);
      }
      const { requests: answered, seconds: took, latencies } = await load();
      const p99 = latencies[Math.floor(latencies.length * 0.99)] as number;
      figures[what].push([answered / took, p99]);
      if (id === undefined) continue;
      const { state, progress } = (await ask(`{ parity(id: "${id}") { state progress { rows } } }`)).parity;
      say(`  round ${round}: the run is ${state} at ${grouped(progress.rows)} rows`);
      await ask(`mutation { cancelParity(id: "${id}") { state } }`);
    }
  }
  const median = (list: readonly number[][], at: number) =>
    list.map((one) => one[at] as number).toSorted((a, b) => a - b)[Math.floor(list.length / 2)] as number;
  const ratio = (at: number) => (median(figures.beside, at) / median(figures.alone, at)).toFixed(2);
  say(
    `  requests a second ${median(figures.alone, 0).toFixed(0)} → ${median(figures.beside, 0).toFixed(0)} (${ratio(0)}), p99 ${median(figures.alone, 1).toFixed(1)} → ${median(figures.beside, 1).toFixed(1)} ms (${ratio(1)} ×)`,
  );
  await running.stop();
} finally {
  await pair.stop();
}
