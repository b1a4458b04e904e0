import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Distribution, ownMirror, parseDistribution, wanted } from '../apt/distribution.ts';
import { fetchServer } from '../apt/fetch-and-unpack.ts';
import { type AptSource, parseSources } from '../apt/sources.ts';
import { ARCHITECTURES, unpackedCommand } from '../apt/unpacked-command.ts';
import { makeOnce } from '../cache.ts';
import { parseVersion } from '../mysqld/version.ts';
import { lastOutput, run } from '../run-process.ts';
import { findExecutables, searchPath } from '../which.ts';
import type { Attempt, Search } from './attempt.ts';

/** A private unpacked copy from Debian's or Ubuntu's own archive: no root, nothing installed. */
export async function findUnpacked(search: Search): Promise<Attempt> {
  const architecture = ARCHITECTURES[process.arch];
  const distribution = readDistribution();
  if (!distribution) return { why: 'this machine is neither Debian nor Ubuntu' };
  if (!architecture)
    return { why: `Debian's server is fetched for x64 and arm64 only, not for ${process.arch}` };
  const { suites, components } = wanted(distribution);
  const root = join(search.cache, 'servers', `mysql-${distribution.id}-${suites[0]}-${architecture.deb}`);
  if (!existsSync(root)) {
    const missing = ['apt-get', 'apt-cache', 'dpkg-deb'].filter(
      (tool) => findExecutables([tool], searchPath(search.env)).length === 0,
    );
    if (missing.length > 0) return { why: `${missing.join(', ')} not on the PATH` };
    const mirror = ownMirror(distribution, readSources());
    if (!mirror) return { why: `no archive of ${distribution.codename} is named in /etc/apt` };
    const source = { ...mirror, suites, components };
    const { env, report } = search;
    const failure = await makeOnce(root, async (dir) => {
      const fetched = await fetchServer({ dir, architecture: architecture.deb, source, env, report });
      return 'why' in fetched ? fetched : fetched.root;
    });
    if (failure) return failure;
  }
  const unpacked = unpackedCommand(root, architecture);
  if (!unpacked) return { why: `${root} holds no server; delete it and try again` };
  const asked = await run([...unpacked.command, '--no-defaults', '--version']);
  const version = parseVersion(asked.stdout);
  if (version === null) return { why: `the unpacked server does not run here: ${lastOutput(asked, 2)}` };
  return { program: { origin: 'debian', kind: 'native', ...unpacked, version } };
}

function readDistribution(): Distribution | null {
  const file = '/etc/os-release';
  return existsSync(file) ? parseDistribution(readFileSync(file, 'utf8')) : null;
}

function readSources(etc = '/etc/apt'): AptSource[] {
  const parts = join(etc, 'sources.list.d');
  const files = [
    join(etc, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
  ];
  return files
    .filter((file) => /\.(list|sources)$/.test(file) && existsSync(file))
    .flatMap((file) => parseSources(readFileSync(file, 'utf8'), file.endsWith('.list') ? 'list' : 'deb822'));
}
