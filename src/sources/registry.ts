import type { Config } from '../config.ts';
import type { SourceName } from '../source-name.ts';
import { openSource, type Source } from './source.ts';

/** Both sources, opened and closed together. */
export interface Sources extends AsyncDisposable, Readonly<Record<SourceName, Source>> {
  close(): Promise<void>;
}

export async function openSources({ databases, pool }: Pick<Config, 'databases' | 'pool'>): Promise<Sources> {
  const AZURE = await openSource('AZURE', databases.AZURE, pool);
  const GCP = await openSource('GCP', databases.GCP, pool);
  const close = async () => {
    await Promise.allSettled([AZURE.close(), GCP.close()]);
  };
  return { AZURE, GCP, close, [Symbol.asyncDispose]: close };
}
