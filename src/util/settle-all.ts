/**
 * Waits for all, where one fails too: what the others use is not to be closed under them.
 *
 * @throws what the first one that failed threw
 */
export async function settled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
