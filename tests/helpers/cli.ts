import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How a program ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An environment that has no setting but those given: neither the machine's nor a `.env`'s leak in. */
function cleanEnvironment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, XDG_CACHE_HOME } = process.env;
  return { PATH, HOME, TMPDIR, XDG_CACHE_HOME, NO_COLOR: '1', ...settings };
}

/** Where a file such as `src/cli.ts` is as JavaScript, for a process of its own. */
export function built(file: string): string {
  return `${inject('build')}/${file.replace(/\.ts$/, '.js')}`;
}

const cli = () => built('src/cli.ts');

/** Runs `tandem …` to its end; `under` is a command that runs another, such as `unshare -n`. */
export function tandem(
  args: readonly string[],
  settings: Record<string, string> = {},
  under: readonly string[] = [],
): Promise<Outcome> {
  const [file = '', ...rest] = [...under, process.execPath, cli(), ...args];
  return run(file, rest, settings);
}

/** Runs the `tandem …` of a folder that `npm run build` made, or a copy of it. */
export function builtTandem(
  folder: string,
  args: readonly string[],
  settings: Record<string, string>,
): Promise<Outcome> {
  return run(process.execPath, [`${folder}/src/cli.js`, ...args], settings);
}

/** Runs MikroORM's own CLI, as `npx mikro-orm …` does. */
export function mikroOrm(args: readonly string[], settings: Record<string, string>): Promise<Outcome> {
  return run(process.execPath, ['node_modules/@mikro-orm/cli/cli.js', ...args], settings);
}

/** Starts `tandem …` and leaves it running. */
export function startTandem(
  args: readonly string[],
  settings: Record<string, string>,
): ChildProcessByStdio<null, Readable, Readable> {
  const env = cleanEnvironment(settings);
  return spawn(process.execPath, [cli(), ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function run(file: string, args: readonly string[], settings: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = {
      cwd: root,
      env: cleanEnvironment(settings),
      timeout: 60_000,
      maxBuffer: 16 * 1024 * 1024,
    };
    const child = execFile(file, [...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}
