import type { Source } from '../../src/sources/source.ts';

/**
 * Takes connections of a pool, each by a transaction, which its deadline must allow.
 *
 * @returns what gives them back
 */
export async function holdConnections(source: Source, count: number): Promise<() => Promise<void>> {
  const released = Promise.withResolvers<void>();
  const begun = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const held = begun.map(({ resolve }) =>
    source.write(async (em) => {
      await em.execute('select 1');
      resolve();
      await released.promise;
    }),
  );
  await Promise.all(begun.map(({ promise }) => promise));
  return async () => {
    released.resolve();
    await Promise.all(held);
  };
}
