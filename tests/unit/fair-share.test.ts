import { describe, expect, it } from 'vitest';
import type { PoolConfig } from '../../src/config/groups/pool.ts';
import type { TandemError } from '../../src/errors/tandem-error.ts';
import { createFairShare, type Turn } from '../../src/sources/fair-share.ts';
import type { Caller } from '../../src/sources/pool/caller.ts';

/** Eight connections for callers: two an operation, six an address, of which two scan, and four that scan in all. */
const limits = { max: 9, queueMax: 5000, acquireTimeoutMs: 100 } as PoolConfig;

const from = (address: string, more: Partial<Caller> = {}): Caller => ({
  destroyed: false,
  address,
  ...more,
});

/** Takes a turn, and tells in `events` what becomes of it. */
function asker(turns = createFairShare('AZURE', limits)) {
  const events: string[] = [];
  const running = new Map<string, Turn>();
  const take = (name: string, caller: Caller, isScan = false) => {
    turns.take(caller, isScan, (error: TandemError | null, turn) => {
      events.push(error === null ? name : `${name} ${error.code}`);
      if (turn !== undefined) running.set(name, turn);
    });
  };
  return { turns, take, events, end: (name: string) => running.get(name)?.end() };
}

describe('turns', () => {
  it('start at once while there are places', () => {
    const { take, events } = asker();
    for (const name of ['1', '2', '3', '4', '5', '6', '7']) take(name, from('a'));
    expect(events).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('go on in the order of coming, and at once when one ends', () => {
    const { take, events, end, turns } = asker();
    for (const name of ['1', '2', '3', '4', '5', '6', '7', '8']) take(name, from('a'));
    end('3');
    end('1');
    expect(events.slice(6)).toEqual(['7', '8']);
    expect(turns.waiting).toBe(0);
  });

  it('wait for their own operation first, which keeps them from no place of others', () => {
    const { take, events, end } = asker();
    const operation = from('a');
    for (const name of ['1', '2', '3', '4']) take(name, operation);
    for (const name of ['b', 'c', 'd', 'e', 'f']) take(name, from('a'));
    expect(events).toEqual(['1', '2', 'b', 'c', 'd', 'e']);
    end('2');
    // Behind the one of another operation, which has waited for the address.
    expect(events.slice(6)).toEqual(['f']);
    end('b');
    expect(events.slice(7)).toEqual(['3']);
  });

  it('of scans hold no place that others need while they wait', () => {
    const { take, events, end } = asker();
    for (const name of ['s1', 's2', 's3']) take(name, from('a'), true);
    for (const name of ['1', '2', '3', '4', '5']) take(name, from('a'));
    expect(events).toEqual(['s1', 's2', '1', '2', '3', '4']);
    for (const name of ['t1', 't2', 't3']) take(name, from('b'), true);
    for (const name of ['u1']) take(name, from('c'), true);
    expect(events.slice(6)).toEqual(['t1', 't2']);
    end('s1');
    // u1 has waited for a place among all scans, behind which s3 waits now; the place of the address goes to a plain one.
    expect(events.slice(8)).toEqual(['u1', '5']);
    end('1');
    end('t1');
    expect(events.slice(10)).toEqual(['s3']);
  });

  it('end with an error for a caller that is gone, late, or has waited for long enough, and free what they held', async () => {
    const { take, events, end, turns } = asker();
    for (const name of ['1', '2', '3', '4', '5', '6']) take(name, from('a'));
    take('gone', from('a', { destroyed: true }));
    take('late', from('a', { deadline: performance.now() - 1 }));
    take('patient', from('a'));
    await expect.poll(() => events.slice(6)).toHaveLength(3);
    expect(events.slice(6)).toEqual(['gone CLIENT_CLOSED_REQUEST', 'late TIMEOUT', 'patient POOL_TIMEOUT']);
    expect(turns.waiting).toBe(0);
    for (const name of ['1', '2', '3', '4', '5', '6']) end(name);
    for (const name of ['7', '8', '9', '10', '11', '12']) take(name, from('a'));
    expect(events.slice(9)).toEqual(['7', '8', '9', '10', '11', '12']);
  });

  it('that all fail as soon as they start, as with a pool that is closed, fail one after another', () => {
    const turns = createFairShare('AZURE', limits);
    const first: Turn[] = [];
    for (let n = 0; n < 6; n++) turns.take(from('a'), false, (_, turn) => first.push(turn as Turn));
    let failed = 0;
    for (let n = 0; n < 5000; n++) {
      turns.take(from('a'), false, (_, turn) => {
        failed += 1;
        turn?.end();
      });
    }
    expect(failed).toBe(0);
    first[0]?.end();
    expect(failed).toBe(5000);
  });

  it('refuse those for whom the queue has no room', () => {
    const { take, events } = asker(createFairShare('AZURE', { ...limits, queueMax: 1 }));
    for (const name of ['1', '2', '3', '4', '5', '6', '7', '8']) take(name, from('a'));
    expect(events.slice(6)).toEqual(['8 OVERLOADED']);
  });

  it('that end twice free their places once', () => {
    const { take, events, end } = asker();
    for (const name of ['1', '2', '3', '4', '5', '6', '7', '8']) take(name, from('a'));
    end('1');
    end('1');
    expect(events.slice(6)).toEqual(['7']);
  });
});
