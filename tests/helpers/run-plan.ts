import { relative } from 'node:path';
import type { Vitest } from 'vitest/node';
import { lastSeconds } from './last-seconds.ts';

/** Seconds that a file takes about, where this machine has not run it yet. */
const unknownSeconds = 10;

/** What a run will do. */
export interface Plan {
  /** Pairs of MySQL servers that it needs: one a worker, none for unit tests alone. */
  readonly pairs: number;
  readonly text: string;
}

/** Reads it from the files that the command line selects. */
export async function planOf(vitest: Vitest): Promise<Plan> {
  // Not in the types: the patterns that stand behind `npm test --`.
  const { filenamePattern } = vitest as { readonly filenamePattern?: string[] };
  const all = await vitest.globTestSpecifications();
  const chosen = filenamePattern === undefined ? all : await vitest.globTestSpecifications(filenamePattern);
  const withServers = chosen.filter(({ moduleId }) => !/^tests\/unit\//.test(relative('.', moduleId)));
  const workers = Math.max(...chosen.map(({ project }) => Number(project.config.maxWorkers) || 1), 1);
  // A worker that has run unit tests may be given any file next: each has a pair, where one is needed.
  const pairs = withServers.length === 0 ? 0 : Math.min(workers, chosen.length);
  const known = lastSeconds();
  const seconds = chosen.reduce((sum, { moduleId, project }) => {
    const file = relative('.', moduleId);
    const took = known[`${project.name} ${file}`] ?? (file.startsWith('tests/unit/') ? 0.5 : unknownSeconds);
    // Files of a project share its workers.
    return sum + took / (Number(project.config.maxWorkers) || 1);
  }, 0);
  const isKnown = chosen.every(
    ({ moduleId, project }) => `${project.name} ${relative('.', moduleId)}` in known,
  );
  const servers =
    pairs === 0 ? 'without a database' : `on ${pairs === 1 ? 'a pair' : `${pairs} pairs`} of MySQL servers`;
  return {
    pairs,
    text: `${chosen.length} test files, ${servers}; ${duration(seconds, isKnown)}.`,
  };
}

function duration(seconds: number, isKnown: boolean): string {
  if (seconds < 60) return 'less than a minute';
  return `about ${Math.round(seconds / 60)} min${isKnown ? ' by the last run of each file' : ''}`;
}
