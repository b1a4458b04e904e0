import { describe, expect, it } from 'vitest';
import { freeSlots, membersOf, placesOf, shareOf, spareOf } from '../../src/sources/pool/slot-table.ts';

describe('shares of an account’s connections', () => {
  it('come to all but one for the next process, and to all where there is no place for one', () => {
    const sharesOf = (max: number, members: number) =>
      Array.from({ length: members }, (_, rank) => shareOf(max, members, rank));
    expect(sharesOf(20, 1)).toEqual([19]);
    expect(sharesOf(20, 3)).toEqual([7, 6, 6]);
    expect(sharesOf(20, 9)).toEqual([3, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect(sharesOf(20, 10)).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    for (let max = 2; max <= 20; max++) {
      for (let members = 1; members <= placesOf(max); members++) {
        const all = sharesOf(max, members);
        expect(all.reduce((sum, share) => sum + share)).toBe(max - spareOf(max, members));
        expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1);
        // One for work, and the control session.
        expect(Math.min(...all)).toBeGreaterThanOrEqual(Math.min(2, max - 1));
      }
    }
  });

  it('are none for a process for which there is no place', () => {
    expect(shareOf(20, 12, 10)).toBe(0);
    expect(shareOf(20, 12, 9)).toBe(2);
  });
});

describe('a table of slots', () => {
  it('has a slot as free that neither a process holds nor a session uses', () => {
    const table = {
      me: 7,
      server: 'a',
      owners: [7, null, null, 9, null],
      sessions: [null, 12, null, 13, null],
    };
    expect(membersOf(table)).toEqual([7, 9]);
    expect(freeSlots(table)).toEqual([2, 4]);
    expect(freeSlots(table, 3)).toEqual([4, 2]);
  });
});
