import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output, outputIn } from './run.ts';

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
}

/** What Node's program is linked to, and nothing else: no shell, no package manager. */
const NAMES = ['libc6', 'libgcc-s1', 'libstdc++6'];

/** 10001 is no account of a host's distribution. */
export const USER = 10001;

/** Files of Debian that Node needs. apt checks each package against the archive's signed index. */
export async function debianRoot(root: string): Promise<DebianPackage[]> {
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(join(root, 'etc/passwd'), `tandem:x:${USER}:${USER}::/app:/nonexistent\n`);
  await writeFile(join(root, 'etc/group'), `tandem:x:${USER}:\n`);
  const archives = await mkdtemp(`${root}-archives-`);
  await outputIn(archives, 'apt-get', '-q', '-o', 'APT::Sandbox::User=root', 'download', ...NAMES);
  const packages: DebianPackage[] = [];
  for (const file of (await readdir(archives)).sort()) {
    const archive = join(archives, file);
    await output('dpkg-deb', '--extract', archive, root);
    const [name = '', version = ''] = (await output('dpkg-deb', '--show', archive)).trim().split('\t');
    packages.push({ name, version });
  }
  await rm(archives, { recursive: true });
  // Licences stay, manuals go.
  for (const folder of await readdir(join(root, 'usr/share'))) {
    if (folder !== 'doc') await rm(join(root, 'usr/share', folder), { recursive: true });
  }
  for (const gone of ['usr/lib/*/gconv', 'usr/lib/*/audit', 'usr/lib/locale']) {
    await output('sh', '-c', `rm -rf "$0"/${gone}`, root);
  }
  return packages;
}
