import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog, requestLog } from '../../src/log/log.ts';
import { openLogOutput } from '../../src/log/output.ts';

let folder: string;
/** A pipe that does not block, and both ends of it. */
let pipe: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-log-'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  pipe = openSync(join(folder, 'pipe'), constants.O_RDWR | constants.O_NONBLOCK);
});
afterEach(() => {
  closeSync(pipe);
  rmSync(folder, { recursive: true });
});

function readAll(): string {
  const buffer = Buffer.alloc(65_536);
  let text = '';
  try {
    for (;;) text += buffer.toString('utf8', 0, readSync(pipe, buffer));
  } catch {
    return text;
  }
}

const line = (n: number, size = 1000) => `${JSON.stringify({ n, filler: 'x'.repeat(size) })}\n`;

describe('the log', () => {
  it('writes a line at once', () => {
    openLogOutput(pipe).write(line(1));
    expect(readAll()).toBe(line(1));
  });

  it('keeps lines that a full pipe does not take, and writes them whole and in order', async () => {
    const output = openLogOutput(pipe);
    for (let n = 0; n < 200; n++) output.write(line(n));
    let read = '';
    while (read.split('\n').length <= 200) {
      read += readAll();
      await delay(5);
    }
    expect(read).toBe(Array.from({ length: 200 }, (_, n) => line(n)).join(''));
    expect(output.dropped()).toBe(0);
  });

  it('has for a request the line that the log itself would write', () => {
    const output = openLogOutput(pipe);
    const log = createLog({ level: 'info', fields: () => ({ trace: 't' }) }, output);
    const about = {
      requestId: 'r',
      req: { method: 'GET', routeOptions: { url: '/graphql' }, url: '/graphql?query=secret' },
      status: 200,
      ms: 1,
    };
    log.info(about, 'request');
    requestLog(log).info(about, 'request');
    const [one, other] = readAll()
      .split('\n', 2)
      .map((text) => ({ ...JSON.parse(text), time: 0 }));
    expect(other).toEqual(one);
    expect(other).toMatchObject({ requestId: 'r', req: { method: 'GET', path: '/graphql' }, trace: 't' });
  });

  it('drops and counts what goes beyond its room, and says so in one line when the pipe is read again', async () => {
    const output = openLogOutput(pipe, { room: 20_000 });
    const log = createLog({ level: 'info' }, output);
    const started = performance.now();
    for (let n = 0; n < 5000; n++) log.info({ n, filler: 'x'.repeat(1000) }, 'request');
    expect(performance.now() - started).toBeLessThan(5000);
    const dropped = output.dropped();
    expect(dropped).toBeGreaterThan(4800);
    let read = '';
    while (!read.includes('were dropped')) {
      read += readAll();
      await delay(5);
    }
    const lines = read
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(lines.at(-1)).toEqual({
      level: 40,
      time: expect.any(Number),
      dropped,
      msg: 'log lines were dropped',
    });
    expect(lines.length - 1 + dropped).toBe(5000);
    log.info('and on');
    expect(readAll()).toContain('and on');
    expect(output.dropped()).toBe(dropped);
  });

  it.each([
    ['a disk that is full', '/dev/full', constants.O_WRONLY],
    ['a descriptor that takes nothing', '/dev/null', constants.O_RDONLY],
  ])('throws nothing for %s', (_what, path, flags) => {
    // It stays open: the output tries again, and would write into whatever the process opens under the same number next.
    const output = openLogOutput(openSync(path, flags), { room: 10_000 });
    for (let n = 0; n < 100; n++) output.write(line(n));
    expect(output.dropped()).toBeGreaterThan(80);
  });
});
