import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { parseMetrics } from '../helpers/prometheus.ts';
import { built } from '../helpers/run-command-line.ts';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createDatabases();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `tandem serve` whose stdout is as given; what it says on stderr is kept. */
async function serving(stdout: 'pipe' | number, settings: Record<string, string> = {}) {
  const port = await freePort();
  const env = { PATH: process.env.PATH, ...environmentOf(databases.config), PORT: String(port), ...settings };
  const child = spawn(process.execPath, [built('src/cli.ts'), 'serve'], {
    env,
    stdio: ['ignore', stdout, 'pipe'],
  });
  const url = `http://127.0.0.1:${port}`;
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  for (;;) {
    const answers = await fetch(`${url}/livez`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) break;
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}. ${stderr}`);
    await delay(50);
  }
  return { child, url, ended, stderr: () => stderr };
}

/** Requests that the log has a line about each, behind one another on twenty connections; their statuses. */
async function ask(url: string, count: number): Promise<number[]> {
  const { host, hostname, port } = new URL(url);
  const connections = 20;
  const one = async () => {
    const socket = connect(Number(port), hostname);
    const get = `GET /nowhere HTTP/1.1\r\nhost: ${host}\r\n`;
    for (let left = count / connections; left > 1; left--) socket.write(`${get}\r\n`);
    socket.write(`${get}connection: close\r\n\r\n`);
    const answers = String(await buffer(socket));
    return [...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  };
  const statuses = (await Promise.all(Array.from({ length: connections }, one))).flat();
  expect(statuses).toHaveLength(count);
  return statuses;
}

describe('a server whose log is not taken', () => {
  it.each([['1'], ['2']])(
    'answers and stops in time where the pipe is not read, in %s process(es)',
    async (processes) => {
      const { child, url, ended } = await serving('pipe', { WEB_CONCURRENCY: processes });
      // 64 KB are what a pipe holds; a line has over 100 bytes.
      const statuses = await ask(url, 1500);
      expect(new Set(statuses)).toEqual(new Set([404]));
      child.kill('SIGTERM');
      await once(child, 'exit');
      child.stdout?.resume();
      expect((await ended)[0]).toBe(0);
    },
  );

  it('answers, counts, and stops in time where the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const { child, url, ended, stderr } = await serving(full);
    await ask(url, 8000);
    const metrics = parseMetrics(await (await fetch(`${url}/metrics`)).text());
    expect(metrics.get('tandem_log_lines_dropped_total')?.samples[0]?.value).toBeGreaterThan(0);
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    expect(stderr()).toBe('');
    closeSync(full);
  });

  it('answers and stops in time where nobody has the other end of its stdout and stderr any more', async () => {
    const { child, url, ended } = await serving('pipe');
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect(new Set(await ask(url, 60))).toEqual(new Set([404]));
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });
});

describe('a command whose output is not taken', () => {
  const run = (args: string[], stdout: 'pipe' | number) => {
    const env = { PATH: process.env.PATH, ...environmentOf(databases.config) };
    return spawn(process.execPath, [built('src/cli.ts'), ...args], {
      env,
      stdio: ['ignore', stdout, 'pipe'],
    });
  };

  it('says so, and fails, where the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const child = run(['migrate', 'sql'], full);
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(stderr).toMatch(/^ENOSPC: No space is left for stdout/m);
    expect(stderr).not.toMatch(/\n\s+at /);
    closeSync(full);
  });

  it('runs to its end, with its own exit code, where both its ends are closed', async () => {
    const child = run(['migrate', 'status'], 'pipe');
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect((await once(child, 'close'))[0]).toBe(0);
  });
});
