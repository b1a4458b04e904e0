import { loadConfig } from '../config/config.ts';
import type { Target } from '../migrator/open-target.ts';
import type { SourceName } from '../source-name.ts';

/** The databases that the settings name, for the migrator. */
export function targetsOf(sources: readonly SourceName[], env: NodeJS.ProcessEnv): Target[] {
  const { databases, pool } = loadConfig(env);
  return sources.map((source) => ({ source, database: databases[source], pool }));
}
