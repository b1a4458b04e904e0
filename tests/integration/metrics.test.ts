import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabases } from '../helpers/databases.ts';
import { type Family, parseMetrics, sampleOf } from '../helpers/prometheus.ts';
import { startSeededServer, startServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(5);
});
afterAll(() => server?.[Symbol.asyncDispose]());

async function scrape(): Promise<ReadonlyMap<string, Family>> {
  return parseMetrics(await (await fetch(`${server.url}/metrics`)).text());
}

const addRecord = (source: string, patientKey: number) =>
  `addMedicalRecord(source: ${source}, input: { patientKey: ${patientKey}, diagnosis: "Canary", admissionDate: "2024-01-01" }) {
    medicalRecord { key }
  }`;

/** By how much a series grew while `work` ran. */
async function growthOf(name: string, labels: Record<string, string>, work: () => Promise<unknown>) {
  const before = sampleOf(await scrape(), name, labels);
  await work();
  return sampleOf(await scrape(), name, labels) - before;
}

describe('/metrics', () => {
  it('is Prometheus’ text, kept in no cache', async () => {
    const answer = await fetch(`${server.url}/metrics`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers.get('cache-control')).toMatch(/no-store/);
    expect(parseMetrics(await answer.text()).size).toBeGreaterThan(20);
  });

  it('counts operations by name, type and code, and times them', async () => {
    const labels = { operation: 'Names', type: 'query' };
    const ask = () => server.ask('query Names { patients(source: GCP, first: 1) { nodes { lastName } } }');
    expect(await growthOf('tandem_graphql_operations_total', { ...labels, code: 'OK' }, ask)).toBe(1);
    expect(await growthOf('tandem_graphql_operation_duration_seconds_count', labels, ask)).toBe(1);
    const seconds = await growthOf('tandem_graphql_operation_duration_seconds_sum', labels, ask);
    expect(seconds).toBeGreaterThan(0.0001);
    expect(seconds).toBeLessThan(10);
  });

  it('counts errors by code and source', async () => {
    const missing = `mutation Forget { ${addRecord('AZURE', 4711)} }`;
    const operation = { operation: 'Forget', type: 'mutation', code: 'NOT_FOUND' };
    const error = { code: 'NOT_FOUND', source: 'AZURE' };
    const before = await scrape();
    expect((await server.ask(missing)).errors?.[0].extensions.code).toBe('NOT_FOUND');
    const after = await scrape();
    expect(sampleOf(after, 'tandem_graphql_operations_total', operation)).toBe(1);
    expect(sampleOf(after, 'tandem_graphql_errors_total', error)).toBe(
      sampleOf(before, 'tandem_graphql_errors_total', error) + 1,
    );
  });

  it('counts what is no document without its name, and operations without a name under none', async () => {
    const refused = { type: 'none', code: 'GRAPHQL_VALIDATION_FAILED' };
    const ask = () => server.ask('query Canary { nothing }');
    expect(await growthOf('tandem_graphql_operations_total', refused, ask)).toBe(1);
    const anonymous = { operation: '', type: 'query', code: 'OK' };
    expect(
      await growthOf('tandem_graphql_operations_total', anonymous, () => server.ask('{ __typename }')),
    ).toBe(1);
  });

  it('counts requests by route and status, and paths that there are not under one name', async () => {
    const unknown = { route: 'other', status: '404' };
    const ask = () => Promise.all([fetch(`${server.url}/canary-1`), fetch(`${server.url}/canary-2?canary`)]);
    expect(await growthOf('tandem_http_requests_total', unknown, ask)).toBe(2);
    const graphql = { route: '/graphql', status: '200' };
    expect(await growthOf('tandem_http_requests_total', graphql, () => server.ask('{ __typename }'))).toBe(1);
  });

  it('counts and times statements by source and kind', async () => {
    const read = { source: 'GCP', kind: 'read', outcome: 'ok' };
    const write = { source: 'AZURE', kind: 'write', outcome: 'ok' };
    const count = 'tandem_statement_duration_seconds_count';
    const ask = () => server.ask('{ patients(source: GCP) { nodes { key } } }');
    await ask();
    expect(await growthOf(count, read, ask)).toBe(1);
    expect(await growthOf(count, { source: 'AZURE' }, ask)).toBe(0);
    expect(await growthOf('tandem_pool_acquire_duration_seconds_count', { source: 'GCP' }, ask)).toBe(1);
    const add = () => server.ask(`mutation { ${addRecord('AZURE', 1)} }`);
    expect(await growthOf(count, write, add)).toBe(1);
    const failed = { ...write, outcome: 'error' };
    expect(await growthOf(count, failed, () => server.ask(`mutation { ${addRecord('AZURE', 4711)} }`))).toBe(
      1,
    );
  });

  it('has the gauges of both pools', async () => {
    const both =
      '{ a: patients(source: AZURE) { nodes { key } } g: patients(source: GCP) { nodes { key } } }';
    await Promise.all(Array.from({ length: 50 }, () => server.ask(both)));
    // A connection that was begun for a request which another connection served may still be opening, and goes idle.
    const families = await vi.waitFor(
      async () => {
        const scraped = await scrape();
        for (const source of ['AZURE', 'GCP']) {
          for (const state of ['in_use', 'connecting', 'closing']) {
            const busy = sampleOf(scraped, 'tandem_pool_connections', { source, state });
            expect({ source, state, busy }).toEqual({ source, state, busy: 0 });
          }
        }
        return scraped;
      },
      { timeout: 20_000, interval: 50 },
    );
    for (const source of ['AZURE', 'GCP']) {
      const gauge = (state: string) => sampleOf(families, 'tandem_pool_connections', { source, state });
      expect(gauge('idle')).toBeGreaterThan(0);
      expect(gauge('idle')).toBeLessThanOrEqual(20);
      expect(sampleOf(families, 'tandem_pool_connections_max', { source })).toBe(20);
      expect(sampleOf(families, 'tandem_pool_waiting', { source })).toBe(0);
      expect(sampleOf(families, 'tandem_pool_connections_created_total', { source })).toBeGreaterThanOrEqual(
        gauge('idle'),
      );
    }
  });

  it('shows connections in use while they are', async () => {
    const inUse = { source: 'GCP', state: 'in_use' };
    await server.sources.GCP.write(async (em) => {
      await em.execute('select 1');
      expect(sampleOf(await scrape(), 'tandem_pool_connections', inUse)).toBe(1);
    });
    expect(sampleOf(await scrape(), 'tandem_pool_connections', inUse)).toBe(0);
  });

  it('has the process and its event loop', async () => {
    const families = await scrape();
    expect(sampleOf(families, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(families.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
    const active = { state: 'active' };
    expect(
      await growthOf('tandem_event_loop_seconds_total', active, () => server.ask('{ __typename }')),
    ).toBeGreaterThan(0);
  });

  it('never has a value of a row, a variable or a path in it', async () => {
    await server.ask(
      'mutation Add($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { key } } }',
      { input: { firstName: 'Canary', lastName: 'Patient', dateOfBirth: '1990-01-01', gender: 'FEMALE' } },
    );
    await server.ask('{ patients(source: GCP, where: { lastName: { eq: "Canary" } }) { nodes { key } } }');
    expect(await (await fetch(`${server.url}/metrics`)).text()).not.toMatch(/canary/i);
  });
});

describe('with METRICS=off', () => {
  it('there is no such path', async () => {
    await using databases = await createDatabases();
    const observability = { ...databases.config.observability, metrics: 'off' } as const;
    await using without = await startServer({ ...databases.config, observability });
    expect((await fetch(`${without.url}/metrics`)).status).toBe(404);
    expect((await without.ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});
