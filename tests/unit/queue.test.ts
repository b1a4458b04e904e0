import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { PoolConfig } from '../../src/config/groups/pool.ts';
import { createFairShare, type Turn } from '../../src/sources/fair-share.ts';
import type { Caller } from '../../src/sources/pool/caller.ts';
import { createWaitQueue } from '../../src/sources/pool/wait-queue.ts';
import { Queue } from '../../src/util/queue.ts';

describe('a queue', () => {
  it('gives its items in the order in which they came, but for those that have left', () => {
    const queue = new Queue<string>();
    const [first, , third, last] = ['1', '2', '3', '4'].map((item) => queue.add(item));
    for (const place of [third, first, third]) queue.leave(place as NonNullable<typeof first>);
    expect(queue.places().map(({ item }) => item)).toEqual(['2', '4']);
    expect(queue.size).toBe(2);
    queue.leave(last as NonNullable<typeof first>);
    queue.add('5');
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['2', '5', undefined]);
    expect(queue.size).toBe(0);
  });
});

/** A caller that can be found in the heap: it takes 8 kB. */
interface Heavy extends Caller {
  readonly weight: readonly number[];
}

const weightKb = 8;
const heavy = (at: number): Heavy => ({
  destroyed: false,
  address: 'a',
  weight: Array.from({ length: (weightKb * 1024) / 8 }, (_, place) => at + place + 0.5),
});

/** Kilobytes that outlive two collections of the young space while so many come and go. */
function outliving(comeAndGo: (at: number) => void): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' | 'major' }) => void;
  const oldKb = () =>
    getHeapSpaceStatistics()
      .filter(({ space_name }) => space_name === 'old_space')
      .reduce((sum, { space_used_size }) => sum + space_used_size / 1024, 0);
  collect({ type: 'major' });
  const before = oldKb();
  for (let at = 0; at < callers; at++) {
    comeAndGo(at);
    if (at % 50 === 0) collect({ type: 'minor' });
  }
  return oldKb() - before;
}

const callers = 2000;
/** A tenth of what all of them weigh. */
const little = (callers * weightKb) / 10;

describe('nothing keeps a caller that is gone', () => {
  it('in the gates of its operation and its address', () => {
    const limits = { max: 9, queueMax: 5000, acquireTimeoutMs: 100 } as PoolConfig;
    const turns = createFairShare('AZURE', limits);
    const running: Turn[] = [];
    const take = (at: number) => {
      turns.take(heavy(at), false, (_error, turn) => {
        if (turn !== undefined) running.push(turn);
      });
      // Six run, and as many wait.
      if (at >= 12) running.shift()?.end();
    };
    expect(outliving(take)).toBeLessThan(little);
  });

  it('among those that wait for a connection', () => {
    const waiting = createWaitQueue({
      source: 'AZURE',
      limits: { acquireTimeoutMs: 100, queueMax: 100 },
      observer: undefined,
      notInTime: () => {
        throw new Error('nobody waits for long');
      },
    });
    const wait = (at: number) => {
      waiting.add({ lease: () => {}, since: 0, caller: heavy(at), captured: undefined });
      if (at >= 12) waiting.next();
    };
    expect(outliving(wait)).toBeLessThan(little);
  });
});
