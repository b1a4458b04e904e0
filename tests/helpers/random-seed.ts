/**
 * What the generators begin with. The normal run has the same cases each time, so that it fails for what a change did and
 * not by luck; each long run has others. `TANDEM_TEST_SEED` repeats one.
 */
export const seed = Number(
  process.env.TANDEM_TEST_SEED ?? (process.env.TANDEM_LONG === undefined ? 20261129 : Date.now() % 2 ** 31),
);
