import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/commands/command-line.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { parseMetrics, sampleOf } from '../helpers/prometheus.ts';
import { runWithin, spawnTandem } from '../helpers/run-command-line.ts';
import { post, type Sent, startLoad } from '../helpers/send-load.ts';
import { type Serving, startServing } from '../helpers/serving.ts';
import { countSessions, watchSessions } from '../helpers/sessions.ts';

/** Fewer than the 20 that the server allows the account: an excess is seen, and not just refused by the server. */
const connections = 17;
/** One is kept for a process that joins. */
const shared = connections - 1;

let databases: TestDatabases;
let settings: Record<string, string>;

beforeAll(async () => {
  databases = await createDatabases();
  for (const name of sourceNames) {
    await using source = await openSource(name, databases.config.databases[name], pool);
    await seed(source, 200);
  }
  settings = {
    ...environmentOf(databases.config),
    WEB_CONCURRENCY: '3',
    POOL_MAX: String(connections),
    // A machine that is busy must not make a caller give up.
    CONNECT_TIMEOUT_MS: '20000',
    POOL_ACQUIRE_TIMEOUT_MS: '20000',
  };
});
afterAll(() => databases?.[Symbol.asyncDispose]());

const pageOf = (source: string) =>
  `{ patients(source: ${source}, first: 20) { nodes { firstName lastName records { nodes { diagnosis } } } } }`;

/** Processes that are children of another. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const children = text.trim().split(' ').filter(Boolean).map(Number);
  const isWorker = async (child: number) =>
    (await readFile(`/proc/${child}/environ`, 'utf8')).includes('NODE_UNIQUE_ID=');
  const workers = await Promise.all(children.map(isWorker));
  return children.filter((_, index) => workers[index]);
}

/** Waits until the processes have divided the connections among themselves. */
async function untilShared(url: string): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const ask = async () =>
    JSON.parse((await post(url, '{ sources { maxConnections } }', agent)).body ?? '').data;
  const all = { sources: [{ maxConnections: shared }, { maxConnections: shared }] };
  await expect.poll(ask, { timeout: 30_000 }).toEqual(all);
  agent.destroy();
}

describe('several processes of one server', { timeout: 120_000 }, () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await startServing(settings);
  });
  afterAll(() => serving?.[Symbol.asyncDispose]());

  // Before the others: it counts all that was asked.
  it('tell in `sources` and in metrics what all of them do together, and once where they listen', async () => {
    const agent = new Agent({ keepAlive: true });
    await Promise.all(Array.from({ length: 60 }, () => post(serving.url, pageOf('GCP'), agent)));
    await untilShared(serving.url);
    const question = '{ sources { source maxConnections pool { max idle inUse } breaker } }';
    const { body } = await post(serving.url, question, agent);
    agent.destroy();
    const { sources } = JSON.parse(body ?? '').data;
    const whole = { maxConnections: shared, breaker: 'CLOSED' };
    expect(sources).toMatchObject([
      { source: 'AZURE', ...whole, pool: { max: shared, idle: 0, inUse: 0 } },
      { source: 'GCP', ...whole, pool: { max: shared, inUse: 0 } },
    ]);
    // Each of three processes has opened at least one.
    expect(sources[1].pool.idle).toBeGreaterThanOrEqual(3);

    const families = parseMetrics(await (await fetch(`${serving.url}/metrics`)).text());
    const gcp = { source: 'GCP' };
    expect(sampleOf(families, 'tandem_pool_connections_max', gcp)).toBe(shared);
    expect(
      sampleOf(families, 'tandem_statement_duration_seconds_count', {
        ...gcp,
        kind: 'read',
        outcome: 'ok',
      }),
    ).toBe(60);
    expect(sampleOf(families, 'tandem_breaker_state', { ...gcp, state: 'CLOSED' })).toBe(3);

    const listening = serving.lines.filter(({ url }) => url !== undefined);
    expect(listening).toMatchObject([{ msg: 'listening', processes: 3, pool: { max: connections } }]);
  });

  it.each(sourceNames)(
    'share the connections to %s under 500 parallel requests, and use all of them',
    async (name) => {
      await untilShared(serving.url);
      await using watch = await watchSessions(databases.config, name);
      const before = serving.lines.length;
      // One address gets three quarters of a pool at most.
      const agents = ['127.0.0.1', '127.0.0.2'].map(
        (localAddress) => new Agent({ keepAlive: true, localAddress }),
      );
      const answers = await Promise.all(
        Array.from({ length: 500 }, (_, at) =>
          post(serving.url, pageOf(name), agents[at % agents.length] as Agent),
        ),
      );
      for (const agent of agents) agent.destroy();
      const { sessions, looks } = watch.most();
      expect(answers.filter(({ status, body }) => status !== 200 || body?.includes('"errors"'))).toEqual([]);
      expect(looks).toBeGreaterThan(3);
      // Each process keeps one for itself, which is not open all the time.
      expect(sessions).toBeGreaterThanOrEqual(connections - 3);
      expect(sessions).toBeLessThanOrEqual(connections);
      const workers = new Set(
        serving.lines
          .slice(before)
          .filter(({ msg }) => msg === 'request')
          .map(({ worker }) => worker),
      );
      expect([...workers].sort()).toEqual([1, 2, 3]);
    },
  );

  it('name a port that is taken, once', async () => {
    const { port } = new URL(serving.url);
    const { code, stderr } = await spawnTandem(['serve'], {
      ...settings,
      WEB_CONCURRENCY: '2',
      PORT: port,
    });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Port ${port} is taken by another program.\nNext: Set PORT to another one, or end that program.\n`,
    );
  });

  /** Waits until so many workers have begun to listen since the start; those that were replaced count, too. */
  const listening = (count: number) =>
    expect
      .poll(() => serving.lines.filter(({ msg }) => msg === 'worker listens').length, { timeout: 60_000 })
      .toBe(count);

  it('are replaced when one is killed under load, which fails only what it had in hand', async () => {
    await using watch = await watchSessions(databases.config, 'GCP');
    const clients = 30;
    const load = startLoad(serving.url, pageOf('GCP'), clients, { pauseMs: 5 });
    await expect.poll(() => load.sent.length, { timeout: 30_000 }).toBeGreaterThan(200);
    const before = await childrenOf(serving.pid);
    expect(before).toHaveLength(3);
    process.kill(before[1] as number, 'SIGKILL');
    const line = await serving.line(({ msg }) => msg === 'worker ended');
    await listening(4);
    const replaced = load.sent.length;
    await expect.poll(() => load.sent.length, { timeout: 30_000 }).toBeGreaterThan(replaced + 200);
    await load.stop();
    const after = await childrenOf(serving.pid);
    expect(after).toHaveLength(3);
    expect(after).not.toContain(before[1]);

    const failed = load.sent.filter(({ error }) => error !== undefined);
    expect(failed.every(({ error }) => error === 'ECONNRESET')).toBe(true);
    // Each client has one request at a time, and a third of them, about, were that worker's.
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(clients);
    const answered = load.sent.filter(({ error }) => error === undefined);
    expect(answered.filter(({ status, body }) => status !== 200 || body?.includes('"errors"'))).toEqual([]);
    expect(watch.most().sessions).toBeLessThanOrEqual(connections);
    expect(line).toMatchObject({ worker: expect.any(Number), pid: before[1], signal: 'SIGKILL' });
  });

  it('take connections with them that they were being given when they were killed', async () => {
    const [frozen] = await childrenOf(serving.pid);
    // It is given connections like the others, and does not say that it has them.
    process.kill(frozen as number, 'SIGSTOP');
    const asked = Array.from({ length: 6 }, () => post(serving.url, '{ __typename }', new Agent()));
    const answered = new Set<Sent>();
    for (const one of asked) void one.then((sent) => answered.add(sent));
    await expect.poll(() => answered.size, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
    await delay(300);
    expect(answered.size).toBeLessThan(asked.length);

    process.kill(frozen as number, 'SIGKILL');

    const all = await Promise.all(asked);
    const failed = all.filter(({ error }) => error !== undefined);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ error }) => error === 'ECONNRESET')).toBe(true);
  });

  it('are replaced one by one on SIGTERM to each, and not one request fails', async () => {
    await listening(5);
    const load = startLoad(serving.url, pageOf('AZURE'), 8, { pauseMs: 20 });
    const first = await childrenOf(serving.pid);
    for (const [index, pid] of first.entries()) {
      process.kill(pid, 'SIGTERM');
      await listening(5 + index + 1);
    }
    await expect.poll(() => load.sent.length, { timeout: 30_000 }).toBeGreaterThan(100);
    await delay(300);
    await load.stop();
    const now = await childrenOf(serving.pid);
    expect(now).toHaveLength(3);
    expect(now.filter((pid) => first.includes(pid))).toEqual([]);
    expect(load.sent.filter(({ status }) => status !== 200)).toEqual([]);
  });

  // The last one: it leaves no server.
  it('end at once when the process that keeps them is killed', async () => {
    const workers = await childrenOf(serving.pid);
    serving.kill('SIGKILL');
    await serving.ended();
    await using sessions = await countSessions(databases.config, 'GCP');
    await sessions.none();
    // Whoever inherits them may be slow to ask how they ended: such a process is there, as a zombie.
    const alive = async () => {
      const states = await Promise.all(
        workers.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone')),
      );
      return states.filter((state) => state !== 'gone' && !/\) Z /.test(state));
    };
    await expect.poll(alive).toEqual([]);
  });
});

describe('tandem serve in several processes', () => {
  it.each([
    ['21', '20', /WEB_CONCURRENCY +is 21 processes, which share POOL_MAX=20 .* set it to 10 at most/],
    ['3', '5', /WEB_CONCURRENCY +is 3 processes, which share POOL_MAX=5 .* set it to 2 at most/],
    ['many', '20', /WEB_CONCURRENCY +is not a whole number/],
  ])(
    'refuses WEB_CONCURRENCY=%s with POOL_MAX=%s, and says what would do',
    async (processes, max, message) => {
      const { code, stderr, stdout } = await runWithin(runCommandLine, ['serve'], {
        ...settings,
        WEB_CONCURRENCY: processes,
        POOL_MAX: max,
      });
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(message);
    },
  );

  it('ends with the reason when its workers die at every start', async () => {
    const dies = "if (process.send) process.kill(process.pid, 'SIGKILL')";
    const url = `data:text/javascript,${encodeURIComponent(dies)}`;
    const { code, stderr, stdout } = await spawnTandem(['serve'], {
      ...settings,
      NODE_OPTIONS: `--import=${url}`,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/do not start: 5 in a row ended .* by SIGKILL\.\nNext: .*give .*more memory/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).not.toContain('listening');
  });
});
