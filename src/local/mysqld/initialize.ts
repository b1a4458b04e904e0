import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { initializeFailed } from '../errors.ts';
import { run } from '../run.ts';
import type { Program } from '../types.ts';
import { dataArguments } from './arguments.ts';
import { lastLines } from './error-log.ts';
import { commandLine, containerUser, runsAsRoot, serverEnv } from './program.ts';

/** Makes an empty data directory at a path that does not exist yet. */
export async function initializeData(program: Program, data: string, env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(data, { mode: 0o700 });
  const bootstrap = program.flavor === 'mariadb' ? ['--bootstrap'] : ['--initialize-insecure'];
  const user = containerUser();
  const argv = commandLine(
    program,
    [...bootstrap, ...dataArguments(program.flavor, data, { asRoot: runsAsRoot() })],
    {
      mounts: [dirname(data)],
      ...(user ? { user } : {}),
    },
  );
  const input = program.flavor === 'mariadb' ? await mariadbTables(program) : '';
  const outcome = await run(argv, { env: serverEnv(env), input });
  if (outcome.code !== 0)
    throw initializeFailed(executable(program), lastLines(outcome.stdout + outcome.stderr));
}

/** The scripts that `mariadb-install-db` feeds to the server, under the names of 10.x and of 11.x. */
const SCRIPTS = [
  ['mariadb_system_tables.sql', 'mysql_system_tables.sql'],
  ['mariadb_performance_tables.sql', 'mysql_performance_tables.sql'],
  ['mariadb_system_tables_data.sql', 'mysql_system_tables_data.sql'],
  ['maria_add_gis_sp_bootstrap.sql'],
] as const;

// One statement a line, as --bootstrap reads them.
const BEFORE = ['CREATE DATABASE mysql;', 'USE mysql;', 'SET @auth_root_socket=NULL;'];
/** The scripts make root without a password for several hosts; only the one that we lock stays. */
const AFTER = ["DELETE FROM mysql.global_priv WHERE Host <> 'localhost' OR User = '';"];

async function mariadbTables(program: Program): Promise<string> {
  const share = mariadbShare(executable(program), program);
  const scripts = SCRIPTS.map((names) =>
    names.map((name) => join(share, name)).find((file) => existsSync(file)),
  );
  const texts = await Promise.all(scripts.flatMap((file) => (file ? [readFile(file, 'utf8')] : [])));
  return [...BEFORE, ...texts, ...AFTER, ''].join('\n');
}

function executable(program: Program): string {
  return program.kind === 'native' ? (program.command.at(-1) ?? '') : program.image;
}

function mariadbShare(server: string, program: Program): string {
  const base = (program.kind === 'native' && program.basedir) || dirname(dirname(server));
  const places = ['share/mysql', 'share/mariadb', 'share'].map((place) => join(base, place));
  const share = places.find((place) => SCRIPTS[0].some((name) => existsSync(join(place, name))));
  if (!share) throw initializeFailed(server, `no system table scripts in ${places.join(', ')}`);
  return share;
}
