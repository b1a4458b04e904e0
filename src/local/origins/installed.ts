import { compareVersions, parseVersion } from '../mysqld/version.ts';
import { run } from '../run-process.ts';
import { findExecutables, searchPath } from '../which.ts';
import type { Attempt, Search } from './attempt.ts';

const USUAL = [
  '/usr/sbin',
  '/usr/libexec',
  '/usr/local/sbin',
  '/usr/local/mysql/bin',
  '/usr/local/opt/mysql/bin',
  '/opt/homebrew/opt/mysql/bin',
];

const OLDEST = '8.0.0';

/** A MySQL server installed on this machine. `/usr/sbin/mysqld` may be MariaDB, so `--version` decides. */
export async function findMysqld({ env }: Search): Promise<Attempt> {
  return choose(await installed(env));
}

interface Installed {
  file: string;
  /** Null when it is not MySQL. */
  version: string | null;
}

async function installed(env: NodeJS.ProcessEnv): Promise<Installed[]> {
  const files = findExecutables(['mysqld'], searchPath(env, USUAL));
  return Promise.all(
    files.map(async (file) => {
      const { stdout } = await run([file, '--no-defaults', '--version'], { env, timeout: 15_000 });
      return { file, version: parseVersion(stdout) };
    }),
  );
}

/** The first MySQL server that is new enough; otherwise the reasons against the others. */
export function choose(found: readonly Installed[]): Attempt {
  for (const { file, version } of found) {
    if (version === null || compareVersions(version, OLDEST) < 0) continue;
    return { program: { origin: 'mysqld', kind: 'native', command: [file], version } };
  }
  if (found.length === 0) return { why: 'no mysqld on the PATH or in the usual places' };
  const seen = found.map(
    ({ file, version }) => `${file} is ${version === null ? 'not MySQL' : `mysql ${version}`}`,
  );
  return { why: `${seen.join(', ')}; mysql ${OLDEST} or newer is needed` };
}
