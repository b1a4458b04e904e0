import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureLocal, localStatus, resetLocal, stopLocal } from '../../src/local/local-pair.ts';
import type { LocalPair, ProgressEvent } from '../../src/local/types.ts';
import { killServer, pauseServer, restartServer, resumeServer } from '../helpers/local-faults.ts';
import {
  ask,
  hasNativeServer,
  login,
  processesOf,
  spawnParent,
  type TestHome,
  testHome,
  until,
} from '../helpers/local-home.ts';

describe.skipIf(!(await hasNativeServer()))('local servers', () => {
  test('find their data again within five seconds, even when the record names dead ones and strangers', async () => {
    await using at = testHome();
    const began = performance.now();
    const first = await ensureLocal(at.options);
    const firstMs = performance.now() - began;
    await ask(first, 'GCP', 'migrator', 'CREATE TABLE tandem.kept (id INT PRIMARY KEY)');
    await ask(first, 'GCP', 'runtime', 'INSERT INTO tandem.kept VALUES (42)');
    const record = JSON.parse(readFileSync(join(at.home, 'local.json'), 'utf8'));
    await first.stop();
    await until('no process is left', () => processesOf(at.home).length === 0);
    // As after a reboot: one number is free, the other one is another program's.
    record.AZURE.pid = process.pid;
    writeFileSync(join(at.home, 'local.json'), JSON.stringify(record));
    expect((await localStatus(at.home)).servers).toMatchObject([
      { recorded: true, running: false },
      { recorded: true, running: false },
    ]);

    const started = performance.now();
    await using second = await ensureLocal(at.options);
    // What a start takes on this machine now; dead ones and strangers add no waiting.
    expect(performance.now() - started).toBeLessThan(Math.max(5000, 2 * firstMs));
    expect(second).toMatchObject({ owned: true, env: first.env });
    expect(await ask(second, 'GCP', 'runtime', 'SELECT id FROM tandem.kept')).toEqual([{ id: 42 }]);
  });

  test('end when their parent is killed, even by kill -9', async () => {
    await using at = testHome();
    const { child, answer } = spawnParent(at.options);
    await answer;
    expect(processesOf(at.home).length).toBeGreaterThanOrEqual(4);
    child.kill('SIGKILL');
    await until('no server is left', () => processesOf(at.home).length === 0, 30);
  });

  test('shut down cleanly on Ctrl-C, which reaches the whole process group', async () => {
    await using at = testHome();
    const { child, answer } = spawnParent(at.options);
    await answer;
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await until('no server is left', () => processesOf(at.home).length === 0, 30);
    for (const cloud of ['azure', 'gcp']) {
      expect(readFileSync(join(at.home, cloud, 'error.log'), 'utf8')).toContain('Shutdown complete');
    }
  });
  test('are shared by a second process that asks at the same time', async () => {
    await using at = testHome();
    const parents = [spawnParent(at.options), spawnParent(at.options)];
    try {
      const pairs = await Promise.all(parents.map(({ answer }) => answer));
      expect(pairs.map(({ owned }) => owned).sort()).toEqual([false, true]);
      expect(pairs.map(({ origin }) => origin)).toContain('recorded');
      expect(pairs[0]?.servers).toEqual(pairs[1]?.servers);
    } finally {
      for (const { child } of parents) child.kill('SIGKILL');
    }
    await until('no server is left', () => processesOf(at.home).length === 0);
  });

  test('outlive their parent when detached, until they are stopped', async () => {
    await using at = testHome();
    const pair = await ensureLocal({ ...at.options, detached: true });
    const { servers } = await localStatus(at.home);
    expect(servers).toMatchObject([
      { source: 'AZURE', running: true, answering: true, detached: true, pid: pair.servers?.AZURE.pid },
      { source: 'GCP', running: true, answering: true, detached: true, pid: pair.servers?.GCP.pid },
    ]);
    expect(servers.every(({ dataBytes }) => dataBytes > 1_000_000)).toBe(true);
    // No guard stands between: the servers are all there is.
    expect(processesOf(at.home).sort()).toEqual(servers.map(({ pid }) => pid).sort());
    expect(await stopLocal(at.home)).toEqual({ stopped: ['AZURE', 'GCP'] });
    await until('no process is left', () => processesOf(at.home).length === 0);
    expect(await stopLocal(at.home)).toEqual({ stopped: [] });
  });

  test('avoid a port that is taken, say so, and keep the one they found, in a home far longer than a socket path may be', async () => {
    await using at = testHome(`${'a'.repeat(100)}/with a space/${'b'.repeat(60)}`);
    mkdirSync(at.home, { recursive: true });
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as { port: number };
    writeFileSync(join(at.home, 'local.env'), `AZURE_DB_PORT=${port}\n`);
    const events: ProgressEvent[] = [];
    const first = await ensureLocal({ ...at.options, report: (event) => events.push(event) });
    const used = first.servers?.AZURE.port;
    expect(used).not.toBe(port);
    expect(events).toContainEqual({ kind: 'port', source: 'AZURE', wanted: port, used });
    await first.stop();
    taken.close();
    await using second = await ensureLocal(at.options);
    expect(second.servers?.AZURE.port).toBe(used);
    await ask(second, 'AZURE', 'runtime', 'SELECT 1');
  });

  test('of two homes that start at once on the same ports get ports of their own', async () => {
    await using a = testHome();
    await using b = testHome();
    const port = await freePort();
    for (const { home } of [a, b]) {
      writeFileSync(join(home, 'local.env'), `AZURE_DB_PORT=${port}\nGCP_DB_PORT=${port}\n`);
    }
    const pairs = await Promise.all([ensureLocal(a.options), ensureLocal(b.options)]);
    await using _first = pairs[0];
    await using _second = pairs[1];
    const ports = pairs.flatMap(({ servers }) => [servers?.AZURE.port, servers?.GCP.port]);
    expect(new Set(ports).size).toBe(4);
    expect(ports).toContain(port);
    for (const pair of pairs) await ask(pair, 'GCP', 'runtime', 'SELECT 1');
  });

  describe('of one home, which its owner uses on and on,', () => {
    let at: TestHome;
    let pair: LocalPair;
    beforeAll(async () => {
      at = testHome();
      pair = await ensureLocal(at.options);
    });
    afterAll(() => at?.[Symbol.asyncDispose]());

    test('stay when a caller who did not start them stops', async () => {
      const guest = await ensureLocal(at.options);
      expect(guest).toMatchObject({ origin: 'recorded', owned: false, servers: pair.servers });
      await guest.stop();
      await ask(pair, 'AZURE', 'runtime', 'SELECT 1');
    });

    test('come back on the same port after a crash of one, with what was committed', async () => {
      await ask(pair, 'AZURE', 'migrator', 'CREATE TABLE tandem.kept (id INT PRIMARY KEY)');
      await ask(pair, 'AZURE', 'runtime', 'INSERT INTO tandem.kept VALUES (42)');
      const before = { ...pair.servers?.AZURE };
      await killServer(pair, 'AZURE');
      await expect(login(pair, 'AZURE')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await ask(pair, 'GCP', 'runtime', 'SELECT 1');
      await restartServer(pair, 'AZURE');
      expect(pair.servers?.AZURE.port).toBe(before.port);
      expect(pair.servers?.AZURE.pid).not.toBe(before.pid);
      expect(await ask(pair, 'AZURE', 'runtime', 'SELECT id FROM tandem.kept')).toEqual([{ id: 42 }]);
    });

    test('freeze and thaw, and can be stopped while frozen', async () => {
      await pauseServer(pair, 'GCP');
      await expect(login(pair, 'GCP', { connectTimeout: 300 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      resumeServer(pair, 'GCP');
      await ask(pair, 'GCP', 'runtime', 'SELECT 1');
      await pauseServer(pair, 'GCP');
      await pair.stop();
      await until('no process is left', () => processesOf(at.home).length === 0);
    });

    // The last one: it leaves no data.
    test('that die while starting leave their last words in the error, and nothing running', async () => {
      writeFileSync(join(at.home, 'gcp', 'data', 'ibdata1'), 'not a tablespace');
      await expect(ensureLocal(at.options)).rejects.toMatchObject({
        code: 'SERVER_DIED',
        message: expect.stringMatching(/GCP[\s\S]*\[ERROR\][\s\S]*ibdata1[\s\S]*tandem local reset/),
      });
      await until('no process is left', () => processesOf(at.home).length === 0);
      const { deleted } = await resetLocal(at.home);
      expect(deleted).toContain(join(at.home, 'gcp'));
      expect(existsSync(join(at.home, 'gcp'))).toBe(false);
    });
  });

  test('refuse data of a newer server and name the way out', async () => {
    await using at = testHome();
    mkdirSync(join(at.home, 'azure', 'data'), { recursive: true });
    writeFileSync(join(at.home, 'azure', 'made-by.json'), JSON.stringify({ version: '99.0.0' }));
    await expect(ensureLocal(at.options)).rejects.toMatchObject({
      code: 'DATA_NEWER',
      message: expect.stringContaining('tandem local reset'),
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
