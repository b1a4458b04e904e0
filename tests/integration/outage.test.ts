import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { ensureLocal, type LocalPair } from '../../src/local/local-pair.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { seed } from '../../src/seeders/seed.ts';
import { perSource, sourceNames } from '../../src/source-name.ts';
import { makeDataFolder } from '../helpers/data-folder.ts';
import { asMigrator, serverPair, testConfig } from '../helpers/databases.ts';
import { killServer, pauseServer, restartServer, resumeServer } from '../helpers/local-faults.ts';
import { stopwatch } from '../helpers/own-time.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const both =
  '{ azure: patients(source: AZURE, first: 2) { nodes { key } } gcp: patients(source: GCP, first: 2) { nodes { key } } }';
/** Each row with the name of the cloud that it is in. */
const orElse = '{ page: patients(source: AZURE, orElse: GCP, first: 2) { nodes { key source lastName } } }';
const twoRows = { nodes: [{ key: 1 }, { key: 2 }] };
const refusedPort = 9; // "discard": nothing listens there

/** A pair of servers of the test's own: it kills one. */
describe('with one database killed', () => {
  let home: string;
  let pair: LocalPair;
  let config: Config;
  let server: TestServer;

  beforeAll(async () => {
    home = makeDataFolder('outage');
    pair = await ensureLocal({ home, env: { ...process.env, AZURE_DB_HOST: '', GCP_DB_HOST: '' } });
    config = loadConfig(pair.env, '/nonexistent');
    for (const name of sourceNames) await migrateUp(name, config.databases[name], config.pool);
    server = await startServer(config);
    for (const name of sourceNames) await seed(server.sources[name], 10);
    // Each row says where it is, whatever its label says.
    for (const name of sourceNames)
      await asMigrator(config.databases[name], [`update patients set last_name = '${name}'`]);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await pair?.stop();
    if (home !== undefined) await rm(home, { recursive: true });
  });

  it('asks both clouds at the same time', async () => {
    await server.ask(both);
    await pauseServer(pair, 'AZURE');
    let answer: ReturnType<typeof server.ask> | undefined;
    const whileAzureStandsStill = await statementsOf(server.sources.GCP, async () => {
      answer = server.ask(both);
      await setTimeout(300);
    });
    expect(whileAzureStandsStill).toHaveLength(1);
    resumeServer(pair, 'AZURE');
    expect((await answer)?.data).toEqual({ azure: twoRows, gcp: twoRows });
  });

  it('reads from the other where orElse names it, as soon as the breaker is open, and labels every row', async () => {
    let isOver = false;
    let opened: number | undefined;
    const answers: { sent: number; took: number; answer: Awaited<ReturnType<typeof server.ask>> }[] = [];
    const client = async () => {
      while (!isOver) {
        const sent = performance.now();
        const answer = await server.ask(orElse);
        answers.push({ sent, took: performance.now() - sent, answer });
        await setTimeout(5);
      }
    };
    const watching = setInterval(() => {
      if (server.sources.AZURE.stats().breaker !== 'CLOSED') opened ??= performance.now();
    }, 5);
    const clients = Array.from({ length: 10 }, client);
    const ofAzure = () => answers.filter(({ answer: { data } }) => data?.page.nodes[0].source === 'AZURE');
    await expect.poll(() => ofAzure().length, { timeout: 30_000 }).toBeGreaterThan(10);
    const sentSinceOpened = () => answers.filter(({ sent }) => sent > (opened ?? Number.POSITIVE_INFINITY));
    const killed = performance.now();
    try {
      await killServer(pair, 'AZURE');
      await expect.poll(() => sentSinceOpened().length, { timeout: 30_000 }).toBeGreaterThan(100);
    } finally {
      isOver = true;
      await Promise.all(clients);
      clearInterval(watching);
      await restartServer(pair, 'AZURE');
    }

    const sources = answers.map(({ answer: { data, errors, extensions } }) => {
      expect(errors).toBeUndefined();
      const [{ source }] = data.page.nodes;
      expect(data.page.nodes).toEqual([
        { key: 1, source, lastName: source },
        { key: 2, source, lastName: source },
      ]);
      const told = [{ path: ['page'], from: 'AZURE', to: 'GCP' }];
      expect(extensions?.fallbacks).toEqual(source === 'AZURE' ? undefined : told);
      return source;
    });
    expect(new Set(sources)).toEqual(new Set(['AZURE', 'GCP']));
    const late = sentSinceOpened().map(({ took }) => took);
    console.info(
      `AZURE killed under ${clients.length} clients: the breaker opened after ${((opened as number) - killed).toFixed(0)} ms; ${answers.length} answers, 0 errors, 0 wrong labels; the slowest of ${late.length} that were asked after it: ${Math.max(...late).toFixed(0)} ms`,
    );
    await expect.poll(async () => (await server.ask(both)).errors, { timeout: 20_000 }).toBeUndefined();
  });

  it('reads from the other where orElse names it and the first hangs, in half of the time', async () => {
    const limits = { ...config.limits, operationTimeoutMs: 4000 };
    await using hasty = await startServer({ ...config, limits });
    await hasty.ask(orElse);
    await pauseServer(pair, 'AZURE');
    const took = stopwatch();
    const hanging = await Promise.all(Array.from({ length: 5 }, () => hasty.ask(orElse)));
    const { ownMs } = took();
    resumeServer(pair, 'AZURE');
    for (const { data, errors, extensions } of hanging) {
      expect(errors).toBeUndefined();
      expect(
        data.page.nodes.map(({ source, lastName }: Record<string, string>) => [source, lastName]),
      ).toEqual(Array(2).fill(['GCP', 'GCP']));
      expect(extensions.fallbacks).toEqual([{ path: ['page'], from: 'AZURE', to: 'GCP' }]);
    }
    expect(ownMs).toBeLessThan(4000);
    const back = async () => (await hasty.ask(orElse)).data.page.nodes[0];
    await expect.poll(back, { timeout: 20_000 }).toMatchObject({ source: 'AZURE', lastName: 'AZURE' });
  });

  it('leaves the other’s data in the answer, with a coded error beside it, and recovers', async () => {
    expect((await server.ask(both)).data).toEqual({ azure: twoRows, gcp: twoRows });

    await killServer(pair, 'AZURE');
    const took = stopwatch();
    const { status, data, errors } = await server.ask(both);
    expect(took().ownMs).toBeLessThan(3500);
    expect(status).toBe(200);
    expect(data).toEqual({ azure: null, gcp: twoRows });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      message: 'The database of AZURE does not answer or refuses the login.',
      path: ['azure'],
      extensions: {
        code: 'SOURCE_UNAVAILABLE',
        source: 'AZURE',
        remedy: expect.stringContaining('AZURE_DB_HOST'),
      },
    });
    expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|ECONN|select|stacktrace/);
    expect(server.log.join('')).toMatch(/"code":"SOURCE_UNAVAILABLE","source":"AZURE"/);

    const { data: states } = await server.ask('{ sources { source state serverVersion } }');
    expect(states.sources).toEqual([
      { source: 'AZURE', state: 'DOWN', serverVersion: null },
      { source: 'GCP', state: 'UP', serverVersion: expect.any(String) },
    ]);
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        status: 'ok',
        sources: { AZURE: 'DOWN', GCP: 'UP' },
        breakers: { AZURE: expect.any(String), GCP: 'CLOSED' },
      },
    ]);
    const { server: settings, ...rest } = testConfig(config.databases);
    await using strict = await startServer({ ...rest, server: { ...settings, readyWhen: 'all' } });
    const unready = await fetch(`${strict.url}/readyz`);
    expect([unready.status, await unready.json()]).toMatchObject([
      503,
      { status: 'unavailable', sources: { AZURE: 'DOWN', GCP: 'UP' } },
    ]);

    await restartServer(pair, 'AZURE');
    await expect
      .poll(async () => (await server.ask(both)).data, { timeout: 20_000 })
      .toEqual({ azure: twoRows, gcp: twoRows });
  });
});

describe('with both databases down from the start', () => {
  let server: TestServer;

  beforeAll(async () => {
    const nobody = {
      host: '127.0.0.1',
      port: refusedPort,
      name: 'tandem',
      tls: { mode: 'VERIFY_IDENTITY' },
    } as const;
    const account = { user: 'tandem', password: 'canary-password' };
    server = await startServer(
      testConfig(perSource(() => ({ ...nobody, runtime: account, migrator: account }))),
    );
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('boots, lives, is not ready, and codes every error', async () => {
    const live = await fetch(`${server.url}/livez`);
    expect(live.status).toBe(200);
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      {
        status: 'unavailable',
        sources: { AZURE: 'DOWN', GCP: 'DOWN' },
        breakers: { AZURE: expect.any(String), GCP: expect.any(String) },
      },
    ]);
    const { data, errors } = await server.ask(both);
    expect(data).toEqual({ azure: null, gcp: null });
    expect(errors?.map(({ extensions }) => [extensions.code, extensions.source])).toEqual([
      ['SOURCE_UNAVAILABLE', 'AZURE'],
      ['SOURCE_UNAVAILABLE', 'GCP'],
    ]);
  });

  it('keeps passwords and patients out of log and answers', async () => {
    const answer = await server.ask(
      'mutation ($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { key } } }',
      { input: { firstName: 'Canary', lastName: 'Patient', dateOfBirth: '1990-01-01', gender: 'FEMALE' } },
    );
    expect(answer.errors?.[0].extensions.code).toBe('SOURCE_UNAVAILABLE');
    expect(JSON.stringify(answer) + server.log.join('')).not.toMatch(/canary/i);
  });
});

describe('with a certificate that cannot be trusted', () => {
  it.each([
    [
      'of an authority that is not known',
      { tls: { mode: 'VERIFY_CA' } },
      /self-signed certificate in certificate chain/,
    ],
    [
      'of another host',
      { host: 'localhost.localdomain' },
      /ERR_TLS_CERT_ALTNAME_INVALID|ENOTFOUND|EAI_AGAIN/,
    ],
  ] as const)('refuses one %s', async (_what, change, reason) => {
    const config = testConfig(serverPair().databases);
    const AZURE = { ...config.databases.AZURE, ...change };
    await using server = await startServer({ ...config, databases: { ...config.databases, AZURE } });
    const { errors } = await server.ask('{ patients(source: AZURE) { nodes { key } } }');
    expect(errors?.[0].extensions).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'AZURE' });
    expect(server.log.join('')).toMatch(reason);
  });
});

describe('with a wrong password', () => {
  it('says the same to the client and the reason to the operator, never the password', async () => {
    const config = testConfig(serverPair().databases);
    const wrong = { user: 'tandem', password: 'canary-password' };
    await using server = await startServer({
      ...config,
      databases: { ...config.databases, GCP: { ...config.databases.GCP, runtime: wrong } },
    });
    const { data, errors } = await server.ask('{ patients(source: GCP) { nodes { key } } }');
    expect(data).toEqual({ patients: null });
    expect(errors?.[0].extensions).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'GCP' });
    const log = server.log.join('');
    expect(log).toMatch(/ER_ACCESS_DENIED_ERROR/);
    expect(JSON.stringify(errors) + log).not.toMatch(/canary/);
  });
});
