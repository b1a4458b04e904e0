import { describe, expect, it } from 'vitest';
import { gtidsOf, newestReached, Positions, reachedQuery } from '../../src/sources/replicas/positions.ts';

const one = '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5';

describe('what a primary has executed', () => {
  it('counts only where each transaction has a GTID, and is nothing but GTIDs', () => {
    const state = { gtids: `${one}:7,\n${one.replace('3e', '4e')}:tag_1:1`, mode: 'ON', logs: 1 };
    expect(gtidsOf(state)).toBe(`${one}:7,${one.replace('3e', '4e')}:tag_1:1`);
    expect(gtidsOf({ ...state, gtids: '' })).toBe('');
    for (const mode of ['OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE']) {
      expect(gtidsOf({ ...state, mode })).toBeUndefined();
    }
    expect(gtidsOf({ ...state, logs: 0 })).toBeUndefined();
    expect(gtidsOf({ ...state, gtids: "x', 1), sleep(9), ('" })).toBeUndefined();
  });

  it('is of the time at which it was asked last with the same answer', () => {
    const positions = new Positions();
    positions.add(one, 10);
    const [first] = positions.all;
    positions.add(one, 20);
    expect(positions.all).toEqual([{ gtids: one, at: 20 }]);
    expect(positions.all[0]).toBe(first);
    positions.add(`${one}:9`, 30);
    expect(positions.all.map(({ at }) => at)).toEqual([30, 20]);
  });

  it('is kept for the newest eight times', () => {
    const positions = new Positions();
    for (let at = 0; at < 20; at++) positions.add(`${one}:${at + 10}`, at);
    expect(positions.all.map(({ at }) => at)).toEqual([19, 18, 17, 16, 15, 14, 13, 12]);
  });
});

describe('what a replica has reached', () => {
  const positions = [
    { gtids: `${one}:9`, at: 20 },
    { gtids: one, at: 10 },
  ];

  it('is asked of all positions at once', () => {
    expect(reachedQuery(positions)).toBe(
      `select gtid_subset('${one}:9', @@global.gtid_executed) as p0, gtid_subset('${one}', @@global.gtid_executed) as p1`,
    );
  });

  it('is the newest of them that it has', () => {
    expect(newestReached(positions, { p0: 1, p1: 1 })?.at).toBe(20);
    expect(newestReached(positions, { p0: 0, p1: '1' })?.at).toBe(10);
    expect(newestReached(positions, { p0: 0, p1: 0 })).toBeUndefined();
    expect(newestReached(positions, {})).toBeUndefined();
  });
});
