import { compareVersions, parseVersion, type ServerVersion } from '../mysqld/version.ts';
import { run } from '../run.ts';
import { findExecutables, searchPath } from '../which.ts';
import type { Attempt, Search } from './attempt.ts';

const USUAL = [
  '/usr/sbin',
  '/usr/libexec',
  '/usr/local/sbin',
  '/usr/local/mysql/bin',
  '/usr/local/opt/mysql/bin',
  '/opt/homebrew/opt/mysql/bin',
  '/opt/homebrew/opt/mariadb/bin',
];

const OLDEST_MYSQL = '8.0.0';
const OLDEST_MARIADB = '10.6.0';

/** A MySQL server installed on this machine. `/usr/sbin/mysqld` may be MariaDB, so each one is asked. */
export async function findMysqld({ env }: Search): Promise<Attempt> {
  return choose('mysqld', await installed(['mysqld'], env));
}

export async function findMariadbd({ env }: Search): Promise<Attempt> {
  return choose('mariadb', await installed(['mariadbd', 'mysqld'], env));
}

interface Installed {
  file: string;
  answer: ServerVersion | null;
}

async function installed(names: readonly string[], env: NodeJS.ProcessEnv): Promise<Installed[]> {
  const files = findExecutables(names, searchPath(env, USUAL));
  return Promise.all(
    files.map(async (file) => {
      const { stdout } = await run([file, '--no-defaults', '--version'], { env, timeout: 15_000 });
      return { file, answer: parseVersion(stdout) };
    }),
  );
}

/** The first server of the right kind that is new enough; otherwise what was found instead. */
export function choose(origin: 'mysqld' | 'mariadb', found: readonly Installed[]): Attempt {
  const flavor = origin === 'mysqld' ? 'mysql' : 'mariadb';
  const oldest = origin === 'mysqld' ? OLDEST_MYSQL : OLDEST_MARIADB;
  for (const { file, answer } of found) {
    if (answer?.flavor !== flavor || compareVersions(answer.version, oldest) < 0) continue;
    return { program: { origin, kind: 'native', command: [file], ...answer } };
  }
  if (found.length === 0)
    return { why: `no ${origin === 'mysqld' ? 'mysqld' : 'mariadbd'} on the PATH or in the usual places` };
  const seen = found.map(
    ({ file, answer }) => `${file} is ${answer ? `${answer.flavor} ${answer.version}` : 'neither'}`,
  );
  return { why: `${seen.join(', ')}; ${flavor} ${oldest} or newer is needed` };
}
