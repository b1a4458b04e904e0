import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { runCommandLine } from '../../src/commands/command-line.ts';
import { type Written, writeMigrations } from './migration-folder.ts';
import { builtTandem, type Outcome, runWithin } from './run-command-line.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A release of this project: what `npm run build` makes, in a folder of its own. */
export interface Release extends AsyncDisposable {
  /** Its migrations for both clouds. */
  readonly folders: readonly string[];
  /** Runs a command within this process. */
  tandem(args: readonly string[], settings: Record<string, string>): Promise<Outcome>;
  /** Runs it as a process of its own. */
  spawn(args: readonly string[], settings: Record<string, string>): Promise<Outcome>;
  /** One that has more migrations, the same for both clouds. */
  next(more?: Readonly<Record<string, Written>>): Promise<Release>;
}

/** Builds this release; those that follow are copies of it. */
export async function buildRelease(): Promise<Release> {
  const path = await newFolder();
  const tsc = join(root, 'node_modules/.bin/tsc');
  const options = ['--outDir', path, '--noCheck', '--sourceMap', 'false'];
  await promisify(execFile)(tsc, ['-p', join(root, 'tsconfig.build.json'), ...options]);
  return releaseIn(path);
}

async function newFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tandem-release-'));
  await cp(join(root, 'package.json'), join(path, 'package.json'));
  await symlink(join(root, 'node_modules'), join(path, 'node_modules'));
  return path;
}

function releaseIn(path: string): Release {
  const folders = ['azure', 'gcp'].map((source) => join(path, 'migrations', source));
  // Node's own, not Vitest's: these are compiled files, which find their migrations beside them.
  const load = createRequire(join(path, 'package.json'));
  const commandLine = () => {
    load('reflect-metadata');
    const loaded = load(join(path, 'src/commands/command-line.js'));
    return (loaded as { runCommandLine: typeof runCommandLine }).runCommandLine;
  };
  return {
    folders,
    tandem: (args, settings) => runWithin(commandLine(), args, settings),
    spawn: (args, settings) => builtTandem(path, args, settings),
    async next(more = {}) {
      const other = await newFolder();
      for (const name of ['src', 'migrations']) {
        await cp(join(path, name), join(other, name), { recursive: true });
      }
      const release = releaseIn(other);
      for (const folder of release.folders) await writeMigrations(folder, more);
      return release;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
