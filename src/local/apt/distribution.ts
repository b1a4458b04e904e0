import { parseEnv } from 'node:util';
import type { AptSource } from './sources.ts';

export type Distribution = { id: 'debian' | 'ubuntu'; codename: string };

/** Reads /etc/os-release; null when it is neither Debian nor Ubuntu, nor made from Ubuntu. */
export function parseDistribution(osRelease: string): Distribution | null {
  const fields = parseEnv(osRelease);
  const family = [fields.ID, ...(fields.ID_LIKE ?? '').split(' ')];
  const ubuntu = fields.UBUNTU_CODENAME;
  if (family.includes('ubuntu')) {
    const codename = ubuntu ?? fields.VERSION_CODENAME;
    return codename ? { id: 'ubuntu', codename } : null;
  }
  if (fields.ID !== 'debian') return null;
  // Testing and unstable have no codename of their own.
  return { id: 'debian', codename: fields.VERSION_CODENAME ?? 'sid' };
}

const KEYRINGS = {
  debian: '/usr/share/keyrings/debian-archive-keyring.gpg',
  ubuntu: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
} as const;

/** The archive this machine itself uses, so that mirrors and proxies keep working; null when none is named. */
export function ownMirror(
  { id, codename }: Distribution,
  sources: readonly AptSource[],
): { uri: string; signedBy: string } | null {
  const names = [codename, 'stable', 'testing', 'unstable', 'sid'];
  const mirror = sources.find(
    ({ uri, suites, components }) =>
      components.includes('main') && suites.some((suite) => names.includes(suite)) && !/security/.test(uri),
  );
  return mirror ? { uri: mirror.uri, signedBy: mirror.signedBy ?? KEYRINGS[id] } : null;
}

/** The package to fetch, and its suites: Debian carries MySQL in unstable only, Ubuntu in its own suites. */
export function wanted({ id, codename }: Distribution): { suites: string[]; components: string[] } {
  if (id === 'ubuntu') {
    return { suites: [codename, `${codename}-updates`], components: ['main', 'universe'] };
  }
  return { suites: ['sid'], components: ['main'] };
}

/** The newest of `mysql-server-core`, `mysql-server-core-8.0`, `mysql-server-core-8.4` …; null when there is none. */
export function serverPackage(names: readonly string[]): string | null {
  const pattern = /^mysql-server-core(-\d+\.\d+)?$/;
  const matching = names.filter((name) => pattern.test(name));
  return matching.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? null;
}
