import { type SourceName, sourceNames } from '../source-name.ts';
import type { ParityClient } from './client.ts';

export type ParityClients = Readonly<Record<SourceName, ParityClient>>;

/** Does the same on both clouds at once. Both have ended when it resolves or rejects. */
export async function onBoth<T>(work: (source: SourceName) => Promise<T>): Promise<Record<SourceName, T>> {
  const [azure, gcp] = await Promise.allSettled(sourceNames.map(work));
  for (const outcome of [azure, gcp]) if (outcome?.status === 'rejected') throw outcome.reason;
  return {
    AZURE: (azure as PromiseFulfilledResult<Awaited<T>>).value,
    GCP: (gcp as PromiseFulfilledResult<Awaited<T>>).value,
  };
}
