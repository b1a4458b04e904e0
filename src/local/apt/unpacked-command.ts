import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's names for the two architectures it is fetched for. */
export const ARCHITECTURES: Partial<Record<string, { deb: string; triplet: string; loader: string }>> = {
  x64: { deb: 'amd64', triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { deb: 'arm64', triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/**
 * How to run a server from an unpacked tree: by the tree's own loader and libraries, because the machine's
 * libc may be older than what the server was built for. Null when the tree holds no such server.
 */
export function unpackedCommand(
  root: string,
  { triplet, loader }: { triplet: string; loader: string },
): { command: string[]; basedir: string } | null {
  const server = join(root, 'usr/sbin/mysqld');
  const libraries = [`usr/lib/${triplet}`, `lib/${triplet}`, 'usr/lib/mysql/private']
    .map((path) => join(root, path))
    .filter((path) => existsSync(path));
  // Beside the libraries, not in lib64: that one may be a link to a path outside the tree.
  const start = libraries.map((path) => join(path, loader)).find((file) => existsSync(file));
  if (!existsSync(server) || !start) return null;
  return {
    command: [start, '--library-path', libraries.join(':'), server],
    basedir: join(root, 'usr'),
  };
}
