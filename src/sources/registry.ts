import type { Config } from '../config.ts';
import type { SourceName } from '../source-name.ts';
import type { SourceObserver } from './observer.ts';
import { openSource, type Source } from './source.ts';

/** Both sources, opened and closed together. */
export interface Sources extends AsyncDisposable, Readonly<Record<SourceName, Source>> {
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** Whoever opens them closes them. `observer` is told what they do. */
export async function openSources(
  { databases, pool }: Pick<Config, 'databases' | 'pool'>,
  { observer }: { readonly observer?: SourceObserver } = {},
): Promise<Sources> {
  const AZURE = await openSource('AZURE', databases.AZURE, pool, observer);
  const GCP = await openSource('GCP', databases.GCP, pool, observer);
  const close = async (options?: { readonly timeoutMs?: number }) => {
    await Promise.allSettled([AZURE.close(options), GCP.close(options)]);
  };
  return { AZURE, GCP, close, [Symbol.asyncDispose]: close };
}
