import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { initializeFailed } from '../errors.ts';
import { lastWords, run } from '../run.ts';
import type { Program } from '../types.ts';
import { dataArguments } from './arguments.ts';
import { commandLine, containerUser, runsAsRoot, serverEnv } from './program.ts';

/** Makes an empty data directory at a path that does not exist yet. */
export async function initializeData(program: Program, data: string, env: NodeJS.ProcessEnv): Promise<void> {
  const bootstrap = program.flavor === 'mariadb' ? ['--bootstrap'] : ['--initialize-insecure'];
  const user = containerUser();
  const argv = commandLine(program, [...bootstrap, ...dataArguments(data, { asRoot: runsAsRoot() })], {
    mounts: [dirname(data)],
    ...(user ? { user } : {}),
  });
  const input = program.flavor === 'mariadb' ? await mariadbTables(program) : '';
  const outcome = await run(argv, { env: serverEnv(env), input });
  if (outcome.code !== 0) throw initializeFailed(argv[0] ?? '', lastWords(outcome, 15));
}

/** The scripts that `mariadb-install-db` feeds to the server, under the names of 10.x and of 11.x. */
const SCRIPTS = [
  ['mariadb_system_tables.sql', 'mysql_system_tables.sql'],
  ['mariadb_performance_tables.sql', 'mysql_performance_tables.sql'],
  ['mariadb_system_tables_data.sql', 'mysql_system_tables_data.sql'],
  ['maria_add_gis_sp_bootstrap.sql'],
] as const;

async function mariadbTables(program: Program): Promise<string> {
  const share = mariadbShare(program);
  const scripts = SCRIPTS.map((names) =>
    names.map((name) => join(share, name)).find((file) => existsSync(file)),
  );
  const texts = await Promise.all(scripts.flatMap((file) => (file ? [readFile(file, 'utf8')] : [])));
  return ['CREATE DATABASE mysql; USE mysql; SET @auth_root_socket=NULL;', ...texts, ''].join('\n');
}

function mariadbShare(program: Program): string {
  if (program.kind !== 'native') return '';
  const base = program.basedir ?? dirname(dirname(program.command.at(-1) ?? ''));
  const places = ['share/mysql', 'share/mariadb', 'share'].map((place) => join(base, place));
  const share = places.find((place) => SCRIPTS[0].some((name) => existsSync(join(place, name))));
  if (!share)
    throw initializeFailed(program.command.at(-1) ?? '', `no system table scripts in ${places.join(', ')}`);
  return share;
}
