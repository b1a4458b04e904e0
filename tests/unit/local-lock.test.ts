import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withLock } from '../../src/local/lock.ts';
import { startOf } from '../../src/local/processes.ts';

describe('the lock of a home', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tandem-lock-'));
    file = join(dir, 'lock');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  test('lets one work at a time, and the next one after a failure', async () => {
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(5);
      inside--;
    };
    const failing = withLock(file, () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    await Promise.all(Array.from({ length: 5 }, () => withLock(file, work)));
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    ['of a dead process', { pid: 2 ** 22 + 1, start: '1' }],
    ['of a process whose number was given to another', { pid: process.pid, start: 'earlier' }],
  ])('%s is broken by exactly one of many', async (_whose, holder) => {
    writeFileSync(file, JSON.stringify(holder));
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(5);
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(file, work)));
  });

  test('of a living process is waited for, with a word about whom, and then reported', async () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
    const waits: number[] = [];
    const late = withLock(file, async () => {}, { wait: 150, onWait: (pid) => waits.push(pid) });
    await expect(late).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`${process.pid}`),
    });
    expect(waits).toEqual([process.pid]);
  });
});
