// Runs first in `npm run demo` and `npm test`, on whatever Node the machine has: installs the dependencies of
// a fresh clone, or of one whose lockfile has changed since. Plain JavaScript, since nothing is there yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** Whether node_modules holds what package-lock.json names; npm keeps its own list of what it installed. */
function isInstalled() {
  const list = new URL('node_modules/.package-lock.json', root);
  if (!existsSync(list)) return false;
  const wanted = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(list, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

if (!isInstalled()) {
  console.error('Installing dependencies (npm ci) …');
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm ? [process.execPath, npm] : ['npm'];
  const { status } = spawnSync(command, [...first, 'ci', '--include=dev', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('npm ci failed; its message stands above. Is the npm registry reachable?');
    process.exit(status ?? 1);
  }
}
