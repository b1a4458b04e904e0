import type { Config } from '../../src/config/config.ts';
import type { PoolConfig } from '../../src/config/groups/pool.ts';
import { pool } from '../helpers/databases.ts';
import { stopwatch, type Took } from '../helpers/own-time.ts';
import type { TestServer } from '../helpers/server.ts';

export const azure = '{ patients(source: AZURE, first: 2) { nodes { key } } }';
export const gcp = '{ patients(source: GCP, first: 2) { nodes { key } } }';

export const create = `mutation { createPatient(source: AZURE, input: {
  firstName: "Ada", lastName: "Fault", dateOfBirth: "1990-01-01", gender: FEMALE
}) { patient { key } } }`;

/** An operation's outcome: `ok`, or the code of its error, and how long it took. */
export async function ask(server: TestServer, query: string): Promise<{ code: string } & Took> {
  const took = stopwatch();
  const { errors } = await server.ask(query);
  return { code: errors?.[0].extensions.code ?? 'ok', ...took() };
}

export const askMany = (server: TestServer, query: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => ask(server, query)));

export const slowest = (results: readonly Took[]) => Math.max(...results.map(({ ownMs }) => ownMs));
export const fastest = (results: readonly Took[]) => Math.min(...results.map(({ ownMs }) => ownMs));

/** A process's first request takes a hundred milliseconds more, for code that nobody has run yet; no deadline is about those. */
export async function warm(server: TestServer): Promise<void> {
  await ask(server, gcp);
}

/** How many of each code: `ok 12, TIMEOUT 3`. */
export function tally(results: readonly { code: string }[]): string {
  const counts = new Map<string, number>();
  for (const { code } of results) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => `${code} ${count}`).join(', ');
}

/** Milliseconds until an operation succeeds. */
export async function untilOk(server: TestServer, query: string, most = 15_000): Promise<number> {
  const took = stopwatch();
  while ((await ask(server, query)).code !== 'ok') {
    if (took().ownMs > most) throw new Error('It did not recover.');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return took().ownMs;
}

/** A configuration in which AZURE is somewhere else, and the deadlines of pools are the defaults, or as given. */
export function changed(
  config: Config,
  AZURE: Partial<Config['databases']['AZURE']>,
  own: Partial<PoolConfig> = {},
): Config {
  return {
    ...config,
    pool: { ...pool, ...own },
    databases: { ...config.databases, AZURE: { ...config.databases.AZURE, ...AZURE } },
  };
}
