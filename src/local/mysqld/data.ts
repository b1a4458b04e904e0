import { constants, existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOnce } from '../cache.ts';
import { dataIsNewer } from '../errors.ts';
import type { ServerPaths } from '../home.ts';
import type { Program, ReportProgress } from '../types.ts';
import { initializeData } from './initialize.ts';
import { compareVersions } from './version.ts';

/** Makes the data directory if there is none. */
export async function ensureData(paths: ServerPaths, program: Program, template: string): Promise<void> {
  await mkdir(paths.tmp, { recursive: true, mode: 0o700 });
  if (existsSync(paths.data)) return;
  const draft = `${paths.data}.draft`;
  await rm(draft, { recursive: true, force: true });
  await cp(template, draft, { recursive: true, mode: constants.COPYFILE_FICLONE });
  // The server's own identity, made anew at its first start.
  await rm(join(draft, 'auto.cnf'), { force: true });
  await writeMark(paths.mark, program.version);
  await rename(draft, paths.data);
}

/** An empty data directory to copy: making one takes seconds, copying it a fraction of one. */
export async function ensureTemplate(
  program: Program,
  cache: string,
  env: NodeJS.ProcessEnv,
  report: ReportProgress,
): Promise<string> {
  const name = `mysql-${program.version.replace(/[^\w.+-]/g, '_')}`;
  const template = join(cache, 'templates', name);
  await makeOnce(template, async (draft) => {
    report({ kind: 'initialize', what: `an empty data directory of mysql ${program.version}` });
    await initializeData(program, join(draft, 'data'), env);
    return join(draft, 'data');
  });
  return template;
}

export async function writeMark(file: string, version: string): Promise<void> {
  await writeFile(file, `${JSON.stringify({ version })}\n`);
}

function readMark(file: string): { version: string } | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }) : null;
}

/** MySQL upgrades data in place when it starts; it cannot go back. */
export function assertReadable(version: string, { data, mark }: ServerPaths): void {
  const made = existsSync(data) && readMark(mark);
  if (!made) return;
  if (compareVersions(made.version, version) > 0) throw dataIsNewer(data, made.version, version);
}
