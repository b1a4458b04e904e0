import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { say } from './terminal.ts';

const here = new URL('./', import.meta.url);

/** Installs what the other contestants need, once and below bench/, unless it is there as the lockfile has it. */
export function ensureInstalled(): void {
  if (isInstalled()) return;
  say('Installing what the other contestants need (npm ci in bench/) …');
  run('npm', ['ci', '--loglevel=error', '--ignore-scripts'], fileURLToPath(here));
}

/**
 * Builds Tandem as `npm run build` does: what is measured is what production runs. Where roles are given to the entities from outside
 * (access-role.mjs), it takes modules instead of their bundle: they cost a start more, and requests the same.
 */
export function build({ asModules }: { readonly asModules: boolean }): void {
  const args = asModules ? ['exec', '--', 'tsc', '-p', 'tsconfig.build.json'] : ['run', 'build', '--silent'];
  say(`Building Tandem (npm ${args.join(' ')}) …`);
  run('npm', args, fileURLToPath(new URL('../', here)));
}

function isInstalled(): boolean {
  const list = new URL('node_modules/.package-lock.json', here);
  if (!existsSync(list)) return false;
  const packages = (file: URL) =>
    JSON.parse(readFileSync(file, 'utf8')).packages as Record<
      string,
      { version: string; optional?: boolean }
    >;
  const installed = packages(list);
  return Object.entries(packages(new URL('package-lock.json', here))).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

/** @throws Error where the command fails; its output goes to stderr */
export function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`"${command} ${args.join(' ')}" failed; its message stands above`);
}
