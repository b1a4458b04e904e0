import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The directories of a PATH, then others where servers are usually installed. */
export function searchPath(env: NodeJS.ProcessEnv, usual: readonly string[] = []): string[] {
  const given = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...new Set([...given, ...usual])];
}

/** Every executable of one of these names, once each, in the order of the directories. */
export function findExecutables(names: readonly string[], directories: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const directory of directories) {
    for (const name of names) {
      const file = join(directory, name);
      if (!isExecutable(file)) continue;
      const real = realpathSync(file);
      if (!found.has(real)) found.set(real, file);
    }
  }
  return [...found.values()];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
