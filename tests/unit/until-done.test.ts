import { expect, it } from 'vitest';
import { untilDone } from '../../src/util/until-done.ts';

it('work is repeated until it does not throw, and then no more', async () => {
  let runs = 0;
  const failed: unknown[] = [];
  const end = untilDone(
    async () => {
      runs += 1;
      if (runs < 4) throw runs;
    },
    (error) => failed.push(error),
    { first: 1, most: 2 },
  );
  await expect.poll(() => runs).toBe(4);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([runs, failed]).toEqual([4, [1, 2, 3]]);
  end();
});

it('work that was ended is not repeated, and its failure not told', async () => {
  let runs = 0;
  const failed: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const end = untilDone(
    async () => {
      runs += 1;
      await gate.promise;
    },
    (error) => failed.push(error),
    { first: 1 },
  );
  end();
  gate.reject(new Error('closed'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([runs, failed]).toEqual([1, []]);
});
