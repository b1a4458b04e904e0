import { createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { allOf } from '../../src/observability/combine-observers.ts';
import { logSources } from '../../src/observability/log-sources.ts';
import { operationNames } from '../../src/observability/metrics/operation-label.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { serveMetrics } from '../../src/observability/metrics-server.ts';
import { statementSummary, statementText } from '../../src/sql/redact-statement.ts';
import { hostCheck } from '../../src/util/hosts.ts';
import { parseMetrics, sampleOf } from '../helpers/prometheus.ts';
import { rawRequest } from '../helpers/raw-request.ts';

describe('a statement for log and trace', () => {
  it.each([
    [
      'select `p`.`id` from `patients` as `p` where `id` = ? and 1 = 1',
      'select `p`.`id` from `patients` as `p` where `id` = ? and ? = ?',
    ],
    [
      String.raw`select 'O''Brien', 'it\'s', "a ""b""", x'ff', _utf8mb4 'é', N'n', 0xff, -1.5e3`,
      'select ?, ?, ?, ?, ?, ?, ?, -?',
    ],
    ['select a /* Canary */ from t2 -- Canary\n where b = 2 # Canary', 'select a from t2 where b = ?'],
    ["insert into `patients` (`a`) values ('x'), (null)", 'insert into `patients` (`a`) values (?), (null)'],
    ["select 'unclosed Canary", 'select ?'],
    ['select `unclosed Canary', 'select ?'],
    ['select "unclosed Canary', 'select ?'],
    ['select 1 /* unclosed Canary', 'select ?'],
    [String.raw`select 'ends in a backslash \' Canary`, 'select ?'],
    ['kill query 4711', 'kill query ?'],
  ])('keeps words and names of %j, and no value', (sql, text) => {
    expect(statementText(sql)).toBe(text);
  });

  it('has no value in it, whatever the ORM wrote there', () => {
    // As MySQL's clients escape: https://dev.mysql.com/doc/c-api/8.4/en/mysql-real-escape-string-quote.html
    const escaped = (value: string) => `'${value.replaceAll(/[\\']/g, '\\$&')}'`;
    const value = fc.oneof(
      fc.string({ unit: 'binary' }).map(escaped),
      fc.constantFrom('x\\', "'", '"', '`', '--', '/*').map(escaped),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.bigInt().map(String),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const canary = escaped(`Canary ${values.join()}`);
        const sql = `insert into t values (${[...values, canary].join(', ')}) on duplicate key update a = ${canary}`;
        const placeholders = statementText(sql).replaceAll('-?', '?');
        expect(placeholders).toBe(
          `insert into t values (${Array(values.length + 1)
            .fill('?')
            .join(', ')}) on duplicate key update a = ?`,
        );
      }),
    );
  });

  it('is cut where it grows beyond what anybody reads', () => {
    const sql = `insert into t values ${"('Canary', 1), ".repeat(100_000)}`;
    expect(statementText(sql)).toMatch(/^insert into t values \(\?, \?\), .{1900,2000}…$/);
  });

  it.each([
    ['select `p`.* from `patients` as `p`', { operation: 'select', table: 'patients' }],
    ['insert into `tandem`.`medical_records` values (?)', { operation: 'insert', table: 'medical_records' }],
    ['update `patients` set a = ?', { operation: 'update', table: 'patients' }],
    ['COMMIT', { operation: 'commit' }],
    ['?', { operation: 'statement' }],
  ])('%j is summed up', (text, summary) => {
    expect(statementSummary(text)).toEqual(summary);
  });
});

describe('names of operations as labels', () => {
  it('are kept up to a limit; those that are reserved always', () => {
    const label = operationNames({ reserved: ['Known'], room: 2 });
    expect(['A', 'B', 'C', 'A', 'Known', null, undefined].map(label)).toEqual([
      'A',
      'B',
      'other',
      'A',
      'Known',
      '',
      '',
    ]);
    expect(operationNames()('x'.repeat(1000))).toBe('other');
  });

  it('stay bounded in metrics, however many there are', async () => {
    const metrics = createMetrics();
    for (let n = 0; n < 1000; n++) {
      metrics.operation({ name: `Q${n}`, type: 'query', ms: 1, errors: [], fallbacks: [] });
      metrics.operation({
        name: `Invalid${n}`,
        type: undefined,
        ms: 1,
        errors: [{ extensions: { code: 'X' } }],
        fallbacks: [],
      });
    }
    const families = parseMetrics(await metrics.registry.metrics());
    expect(families.get('tandem_graphql_operations_total')?.samples).toHaveLength(102);
    expect(sampleOf(families, 'tandem_graphql_operations_total', { operation: 'other' })).toBe(900);
    expect(sampleOf(families, 'tandem_graphql_operations_total', { type: 'none', code: 'X' })).toBe(1000);
  });
});

describe('what sources tell', () => {
  it('is counted, from zero on', async () => {
    const { observer, registry } = createMetrics();
    const count = async (name: string, labels: Record<string, string>) =>
      sampleOf(parseMetrics(await registry.metrics()), name, labels);
    expect(await registry.metrics()).toContain('tandem_timeouts_total{source="GCP",deadline="acquire"} 0');
    expect(await count('tandem_breaker_state', { source: 'AZURE', state: 'CLOSED' })).toBe(1);

    observer.acquired?.('AZURE', 2);
    observer.statement?.('AZURE', { kind: 'read', ms: 2, sql: '' }, undefined);
    observer.statement?.(
      'AZURE',
      { kind: 'write', ms: 7000, sql: '', error: new Error('Canary') },
      undefined,
    );
    observer.created?.('GCP');
    observer.closed?.('GCP', 'idle');
    observer.timedOut?.('GCP', 'connect');
    observer.breaker?.('AZURE', 'OPEN');

    const bucket = (le: string) => ({ source: 'AZURE', le });
    expect(await count('tandem_pool_acquire_duration_seconds_bucket', bucket('0.001'))).toBe(0);
    expect(await count('tandem_pool_acquire_duration_seconds_bucket', bucket('0.0025'))).toBe(1);
    expect(await count('tandem_statement_duration_seconds_count', { kind: 'read', outcome: 'ok' })).toBe(1);
    expect(await count('tandem_statement_duration_seconds_sum', { kind: 'write', outcome: 'error' })).toBe(7);
    expect(await count('tandem_pool_connections_created_total', { source: 'GCP' })).toBe(1);
    expect(await count('tandem_pool_connections_closed_total', { source: 'GCP', reason: 'idle' })).toBe(1);
    expect(await count('tandem_timeouts_total', { source: 'GCP', deadline: 'connect' })).toBe(1);
    expect(await count('tandem_breaker_state', { source: 'AZURE', state: 'CLOSED' })).toBe(0);
    expect(await count('tandem_breaker_state', { source: 'AZURE', state: 'OPEN' })).toBe(1);
    expect(await registry.metrics()).not.toMatch(/canary/i);
  });

  it('reaches everybody who wants it, and nobody else', () => {
    const told: string[] = [];
    const all = allOf({ created: (source) => void told.push(`one ${source}`) }, undefined, {
      created: (source) => void told.push(`two ${source}`),
      closed: (_, reason) => void told.push(reason),
    });
    all.created?.('AZURE');
    all.closed?.('AZURE', 'idle');
    expect(told).toEqual(['one AZURE', 'two AZURE', 'idle']);
    expect(Object.keys(all)).toEqual(['created', 'closed']);
  });

  function logging(slowStatementMs: number) {
    const lines: Record<string, unknown>[] = [];
    const log = createLog({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
    const clock = { now: 0 };
    return { lines, clock, observer: logSources(log, { slowStatementMs, now: () => clock.now }) };
  }

  it('is logged where a statement is slow, without its values', () => {
    const { lines, observer } = logging(100);
    const sql = "select * from patients where last_name = 'Canary'";
    observer.statement?.('GCP', { kind: 'read', ms: 99.9, sql }, undefined);
    observer.statement?.('GCP', { kind: 'read', ms: 100.4, sql }, undefined);
    observer.statement?.('GCP', { kind: 'write', ms: 5000, sql, error: new Error('Canary') }, undefined);
    const statement = 'select * from patients where last_name = ?';
    expect(lines).toEqual([
      expect.objectContaining({
        level: 40,
        source: 'GCP',
        kind: 'read',
        ms: 100,
        statement,
        msg: 'slow statement',
      }),
      expect.objectContaining({ kind: 'write', ms: 5000, statement, failed: true }),
    ]);
    const off = logging(0);
    off.observer.statement?.('GCP', { kind: 'read', ms: 99_999, sql }, undefined);
    expect(off.lines).toEqual([]);
  });

  it('is logged for breakers and deadlines, a deadline that passes again and again every ten seconds', () => {
    const { lines, clock, observer } = logging(0);
    observer.breaker?.('AZURE', 'OPEN');
    observer.breaker?.('AZURE', 'CLOSED');
    for (const now of [0, 1, 9999, 10_000, 10_001, 25_000]) {
      clock.now = now;
      observer.timedOut?.('AZURE', 'acquire');
    }
    observer.timedOut?.('GCP', 'acquire');
    const passed = { level: 40, deadline: 'acquire', msg: 'deadline passed' };
    expect(lines.map(({ time: _, ...line }) => line)).toEqual([
      { level: 40, source: 'AZURE', breaker: 'OPEN', msg: 'breaker changed' },
      { level: 30, source: 'AZURE', breaker: 'CLOSED', msg: 'breaker changed' },
      { ...passed, source: 'AZURE' },
      { ...passed, source: 'AZURE', leftOut: 2 },
      { ...passed, source: 'AZURE', leftOut: 1 },
      { ...passed, source: 'GCP' },
    ]);
  });
});

it('a source with many slow statements has ten lines in ten seconds, and the next one tells how many were left out', () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });
  let now = 0;
  const observer = logSources(log, { slowStatementMs: 100, now: () => now });
  const slow = { kind: 'select', ms: 500, sql: 'select 1' } as never;
  for (let n = 0; n < 300; n++) observer.statement?.('AZURE', slow, {} as never);
  observer.statement?.('GCP', slow, {} as never);
  expect(lines).toHaveLength(11);
  now = 10_000;
  observer.statement?.('AZURE', slow, {} as never);
  expect(lines.at(-1)).toMatchObject({ msg: 'slow statement', source: 'AZURE', leftOut: 290 });
  for (let n = 0; n < 300; n++) observer.statement?.('AZURE', slow, {} as never);
  expect(lines).toHaveLength(21);
});

it('does not watch the event loop of a process whose metrics are not asked for', async () => {
  const { registry } = createMetrics({ process: true });
  const lag = () => registry.getSingleMetric('nodejs_eventloop_lag_max_seconds');
  expect(lag()).toBeUndefined();
  const text = await registry.metrics();
  expect(lag()).toBeDefined();
  // It has samples the first time.
  const [, most] = /^nodejs_eventloop_lag_max_seconds (.*)$/m.exec(text) ?? [];
  expect(Number(most)).toBeGreaterThan(0);
  expect(Number(most)).toBeLessThan(60);
});

describe('metrics on a port of their own', () => {
  it('are at /metrics and nowhere else', async () => {
    const { registry } = createMetrics();
    const server = await serveMetrics(registry, {
      host: '127.0.0.1',
      port: 0,
      hosts: hostCheck([]),
      refusalOf: async () => null,
    });
    const url = `http://127.0.0.1:${server.port}`;
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(parseMetrics(await answer.text()).has('tandem_breaker_state')).toBe(true);
    expect((await fetch(`${url}/graphql`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
    const rebound = await rawRequest(`${url}/metrics`, {
      headers: { host: `rebound.example:${server.port}` },
    });
    expect([rebound.status, rebound.body.length]).toEqual([421, 0]);
    for (const { headers } of [
      answer,
      new Response(null, { headers: rebound.headers as Record<string, string> }),
    ])
      expect(headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
    await server.close();
    await expect(fetch(`${url}/metrics`)).rejects.toThrow();
  });

  it('say so when the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const { registry } = createMetrics();
    await expect(
      serveMetrics(registry, { host: '127.0.0.1', port, hosts: hostCheck([]), refusalOf: async () => null }),
    ).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    taken.close();
  });
});
