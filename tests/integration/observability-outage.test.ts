import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { ensureLocal, type LocalPair } from '../../src/local/local-pair.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { makeDataFolder } from '../helpers/data-folder.ts';
import { killServer, restartServer } from '../helpers/local-faults.ts';
import { parseMetrics, sampleOf } from '../helpers/prometheus.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

/** A pair of servers of the test's own: it kills one. */
let home: string;
let pair: LocalPair;
let config: Config;
let server: TestServer;

beforeAll(async () => {
  home = makeDataFolder('observed');
  pair = await ensureLocal({ home, env: { ...process.env, AZURE_DB_HOST: '', GCP_DB_HOST: '' } });
  config = loadConfig(pair.env, '/nonexistent');
  for (const name of sourceNames) await migrateUp(name, config.databases[name], config.pool);
  server = await startServer(config);
  for (const name of sourceNames) await seed(server.sources[name], 3);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await pair?.stop();
  if (home !== undefined) await rm(home, { recursive: true });
});

const scrape = async () => parseMetrics(await (await fetch(`${server.url}/metrics`)).text());

const both =
  'query Both { azure: patients(source: AZURE) { nodes { key } } gcp: patients(source: GCP) { nodes { key } } }';

it('shows the outage of one source, and that the other has none', async () => {
  await server.ask(both);
  const before = await scrape();
  await killServer(pair, 'AZURE');
  for (let n = 0; n < 3; n++) await server.ask(both);
  const during = await scrape();
  const grown = (name: string, labels: Record<string, string>) =>
    sampleOf(during, name, labels) - sampleOf(before, name, labels);

  const unavailable = { code: 'SOURCE_UNAVAILABLE' };
  expect(grown('tandem_graphql_errors_total', { ...unavailable, source: 'AZURE' })).toBe(3);
  expect(grown('tandem_graphql_errors_total', { source: 'GCP' })).toBe(0);
  expect(grown('tandem_graphql_operations_total', { ...unavailable, operation: 'Both' })).toBe(3);
  const read = { kind: 'read', outcome: 'ok' };
  expect(grown('tandem_statement_duration_seconds_count', { ...read, source: 'GCP' })).toBe(3);
  expect(grown('tandem_statement_duration_seconds_count', { ...read, source: 'AZURE' })).toBe(0);
  expect(grown('tandem_pool_connections_closed_total', { source: 'AZURE' })).toBeGreaterThan(0);
  expect(grown('tandem_pool_connections_closed_total', { source: 'GCP' })).toBe(0);
  const open = (state: string) => sampleOf(during, 'tandem_pool_connections', { source: 'AZURE', state });
  expect([open('in_use'), open('idle'), open('connecting')]).toEqual([0, 0, 0]);

  await restartServer(pair, 'AZURE');
  // The breaker finds out by itself.
  await vi.waitFor(async () => expect((await server.ask(both)).errors).toBeUndefined(), { timeout: 15_000 });
  const { password } = config.databases.AZURE.runtime;
  expect(server.log.join('') + (await (await fetch(`${server.url}/metrics`)).text())).not.toContain(password);
});

it('logs a statement that takes long, without the values in it', async () => {
  const { GCP } = server.sources;
  const update = `mutation { updatePatient(source: GCP, key: 1, input: { firstName: "Canary" }) { patient { key } } }`;
  let answer: ReturnType<typeof server.ask> | undefined;
  await GCP.write(async (em) => {
    await em.execute('select id from patients where id = 1 for update');
    answer = server.ask(update);
    await setTimeout(config.observability.slowStatementMs + 1000);
  });
  expect((await answer)?.errors).toBeUndefined();
  const slow = server.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'slow statement');
  expect(slow).toEqual([
    expect.objectContaining({
      level: 40,
      source: 'GCP',
      ms: expect.any(Number),
      statement: expect.stringMatching(/`patients`.*\?/),
    }),
  ]);
  expect(slow[0].ms).toBeGreaterThanOrEqual(500);
  expect(server.log.join('')).not.toMatch(/canary/i);
});
