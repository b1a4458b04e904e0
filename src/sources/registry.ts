import type { Config } from '../config/config.ts';
import type { SourceName } from '../source-name.ts';
import type { SourceObserver } from './observer.ts';
import type { Totals } from './pool-totals.ts';
import { openSource, type Source } from './source.ts';

/** Both sources, opened and closed together. */
export interface Sources extends AsyncDisposable, Readonly<Record<SourceName, Source>> {
  /** What the pools do, of all processes of the server together. */
  totals(): Promise<Totals>;
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** The caller closes them. `observer` gets their events. */
export async function openSources(
  { databases, pool, audit }: Pick<Config, 'databases' | 'pool' | 'audit'>,
  { observer }: { readonly observer?: SourceObserver } = {},
): Promise<Sources> {
  const options = { observer, onlyRecorded: audit !== undefined };
  const AZURE = await openSource('AZURE', databases.AZURE, pool, options);
  const GCP = await openSource('GCP', databases.GCP, pool, options);
  const close = async (options?: { readonly timeoutMs?: number }) => {
    await Promise.allSettled([AZURE.close(options), GCP.close(options)]);
  };
  const totals = async () => ({ AZURE: AZURE.stats(), GCP: GCP.stats() });
  return { AZURE, GCP, totals, close, [Symbol.asyncDispose]: close };
}
