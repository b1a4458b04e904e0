import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { measure, medians } from '../measure.ts';
import type { Report } from '../report/report.ts';
import { ratio } from '../report/table.ts';
import { perform, type Stage } from '../stage.ts';

/** A read's CPU in microseconds, through Tandem's pool and through the driver's own. */
export interface PoolFigures {
  readonly reads: readonly Read[];
  /** CPU of a whole request that reads one row and its children, W2. */
  readonly requestUs: number;
}

interface Read {
  readonly read: string;
  readonly tandem: number;
  readonly mysql2: number;
  /** Median of the quotients of neighbouring rounds. */
  readonly quotient: number;
}

const run = promisify(execFile);
const program = fileURLToPath(new URL('../pool-cost.mjs', import.meta.url));
/** What production gives its young objects, as `npm start` does. */
const flags = ['--max-semi-space-size=8'];

export async function runPool({ options, databases, pinning, signal }: Stage): Promise<PoolFigures> {
  const { rounds, seconds } = options;
  const [command = '', ...args] = [...pinning.prefix, process.execPath, ...flags, program];
  const numbers = [rounds, seconds, databases.patients].map(String);
  const env = { ...process.env, ...databases.env };
  const { stdout } = await run(command, [...args, ...numbers], { env, signal });
  const results: Record<string, { tandem: number[]; mysql2: number[] }> = JSON.parse(stdout);
  const reads = Object.entries(results).map(([read, { tandem, mysql2 }]) => ({
    read,
    tandem: median(tandem),
    mysql2: median(mysql2),
    quotient: median(tandem.map((value, at) => value / (mysql2[at] as number))),
  }));
  await using tandem = await perform('tandem', { options, databases, pinning, signal });
  const load = { clients: options.connections, seconds, signal };
  const requests = [];
  for (let at = 0; at < Math.min(rounds, 5); at++) {
    requests.push(await measure(tandem.server, databases, tandem.requests('w2'), load));
  }
  return { reads, requestUs: medians(requests).cpuMs * 1000 };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

export function reportPool({ reads, requestUs }: PoolFigures): Report {
  const rows = reads.map(({ read, tandem, mysql2, quotient }) => [
    read,
    tandem.toFixed(1),
    mysql2.toFixed(1),
    ratio(quotient, 1),
    ratio(requestUs, requestUs - mysql2 * (quotient - 1)),
  ]);
  const head = [
    'read',
    'Tandem’s pool, CPU µs',
    'mysql2’s pool, CPU µs',
    '× of the statement',
    '× of the request',
  ];
  const note = `A whole request (W2) took ${requestUs.toFixed(0)} µs in the same run: parsing, execution and HTTP are the same with either pool.`;
  return {
    parts: [{ title: 'A prepared read through either pool, by turns', table: [head, ...rows], note }],
  };
}
