import type { Source } from '../../src/sources/source.ts';

/**
 * Takes connections of a pool, one after another, each by a transaction, which its deadline must allow.
 *
 * @returns what gives them back
 */
export async function holdConnections(source: Source, count: number): Promise<() => Promise<void>> {
  const released = Promise.withResolvers<void>();
  const held: Promise<void>[] = [];
  const release = async () => {
    released.resolve();
    await Promise.all(held);
  };
  for (let taken = 0; taken < count; taken++) {
    const begun = Promise.withResolvers<void>();
    const one = source.write(async (em) => {
      await em.execute('select 1');
      begun.resolve();
      await released.promise;
    });
    held.push(one);
    try {
      await Promise.race([begun.promise, one]);
    } catch (error) {
      await release().catch(() => {});
      throw error;
    }
  }
  return release;
}
