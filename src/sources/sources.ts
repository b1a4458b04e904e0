import type { Config } from '../config/config.ts';
import type { SourceName } from '../source-name.ts';
import { type ActivityRecorder, type ActivityReport, recordActivity } from './activity.ts';
import type { SourceObserver } from './observer.ts';
import type { Totals } from './pool-totals.ts';
import { openSource, type Source } from './source.ts';

/** Both sources, opened and closed together. */
export interface Sources extends AsyncDisposable, Readonly<Record<SourceName, Source>> {
  /** The state of the pools, of all processes of the server together. */
  totals(): Promise<Totals>;
  /** The activity of the last minutes, in all processes together. */
  activity(): Promise<ActivityReport>;
  /** Counts an error of an answer, for `activity`. */
  readonly failed: ActivityRecorder['failed'];
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** The caller closes them. `observer` gets their events. */
export async function openSources(
  { databases, pool, audit }: Pick<Config, 'databases' | 'pool' | 'audit'>,
  { observer }: { readonly observer?: SourceObserver } = {},
): Promise<Sources> {
  const recorder = recordActivity();
  const options = { observer: recorder.observing(observer), onlyRecorded: audit?.database !== undefined };
  const AZURE = await openSource('AZURE', databases.AZURE, pool, options);
  const GCP = await openSource('GCP', databases.GCP, pool, options);
  recorder.watch({ AZURE, GCP });
  const close = async (options?: { readonly timeoutMs?: number }) => {
    recorder.close();
    await Promise.allSettled([AZURE.close(options), GCP.close(options)]);
  };
  const totals = async () => ({ AZURE: AZURE.stats(), GCP: GCP.stats() });
  const activity = async () => recorder.report();
  const { failed } = recorder;
  return { AZURE, GCP, totals, activity, failed, close, [Symbol.asyncDispose]: close };
}
