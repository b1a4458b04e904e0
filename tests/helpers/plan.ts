import { relative } from 'node:path';
import type { Vitest } from 'vitest/node';

/** Seconds that all files of a project take together, measured on two cores with nothing beside them. */
const measured: Readonly<Record<string, number>> = {
  unit: 15,
  integration: 130,
  isolated: 60,
  'graphql-js': 15,
  serial: 130,
  'serial graphql-js': 10,
  faults: 150,
};

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
  const pairs = Math.min(workers, withServers.length);
  const seconds = vitest.projects.reduce((sum, { name }) => {
    const files = (specifications: typeof all) => specifications.filter((file) => file.project.name === name);
    return sum + ((measured[name] ?? 0) * files(chosen).length) / Math.max(1, files(all).length);
  }, 0);
  const names = [...new Set(chosen.map(({ project }) => project.name))];
  const counts = names.map((name) => `${chosen.filter((file) => file.project.name === name).length} ${name}`);
  const servers =
    pairs === 0 ? 'without a database' : `on ${pairs === 1 ? 'a pair' : `${pairs} pairs`} of MySQL servers`;
  return {
    pairs,
    text: `${chosen.length} test files (${counts.join(', ')}), ${servers}; ${duration(seconds)}.`,
  };
}

function duration(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  return `about ${Math.round(seconds / 60)} min on two cores`;
}
