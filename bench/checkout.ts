import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './install.ts';
import { say } from './terminal.ts';

/** Another checkout of Tandem, built. */
export interface Checkout {
  readonly directory: string;
  /** The commit, or the folder. */
  readonly name: string;
}

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * Another checkout of Tandem: a folder, or a commit of this repository, which is unpacked and built beside the databases once and then kept.
 *
 * @param given what `--against` names; a folder of this name is taken before a commit
 * @param home of the bench
 * @throws Error where it is neither, or cannot be built
 */
export function openCheckout(given: string, home: string, options: { readonly build: boolean }): Checkout {
  const folder = resolve(given);
  if (existsSync(join(folder, 'src/cli.ts'))) {
    if (options.build) buildIn(folder);
    return { directory: folder, name: given };
  }
  const commit = commitOf(given);
  const name = commit.slice(0, 12);
  const directory = join(home, 'checkouts', name);
  if (existsSync(directory)) return { directory, name };
  // Under its own name only when it is whole.
  const unfinished = `${directory}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const archive = join(unfinished, 'checkout.tar');
  run('git', ['archive', '--format=tar', '-o', archive, commit], root);
  run('tar', ['-xf', archive, '-C', unfinished], root);
  rmSync(archive);
  install(unfinished);
  buildIn(unfinished);
  renameSync(unfinished, directory);
  return { directory, name };
}

function commitOf(given: string): string {
  const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${given}^{commit}`];
  const { status, stdout } = spawnSync('git', asked, { cwd: root, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(
      `--against ${given}: neither a folder with a checkout of Tandem nor a commit of this repository`,
    );
  }
  return stdout.trim();
}

/** The packages of this checkout, where the other one locks the same. */
function install(directory: string): void {
  const lockOf = (of: string) => readFileSync(join(of, 'package-lock.json'), 'utf8');
  if (lockOf(directory) === lockOf(root))
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  else run('npm', ['ci', '--loglevel=error', '--ignore-scripts'], directory);
}

function buildIn(directory: string): void {
  say(`Building ${directory} (npm run build) …`);
  run('npm', ['run', 'build', '--silent'], directory);
}
