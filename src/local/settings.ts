import { settingsHalfGiven } from './errors.ts';

/**
 * True when the environment names servers of its own. Settings equal to `local.env` are ours, exported
 * to a child process or read from that file, so they do not count.
 */
export function settingsGiven(env: NodeJS.ProcessEnv, ours: Record<string, string>): boolean {
  const azure = names('AZURE', env, ours);
  const gcp = names('GCP', env, ours);
  if (azure && !gcp) throw settingsHalfGiven('AZURE_DB_HOST', 'GCP_DB_HOST');
  if (gcp && !azure) throw settingsHalfGiven('GCP_DB_HOST', 'AZURE_DB_HOST');
  return azure && gcp;
}

function names(source: string, env: NodeJS.ProcessEnv, ours: Record<string, string>): boolean {
  const host = env[`${source}_DB_HOST`];
  if (!host) return false;
  return (['HOST', 'PORT', 'PASSWORD'] as const).some(
    (part) => env[`${source}_DB_${part}`] !== ours[`${source}_DB_${part}`],
  );
}
