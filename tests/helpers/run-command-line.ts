import { type ChildProcessByStdio, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { CommandIo } from '../../src/commands/command-io.ts';
import { runCommandLine } from '../../src/commands/command-line.ts';

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
  return {
    PATH,
    HOME,
    TMPDIR,
    XDG_CACHE_HOME,
    NO_COLOR: '1',
    // What one process of the run has compiled, the next one need not: a quarter of the time that a start takes.
    NODE_COMPILE_CACHE: `${inject('build')}/.compile-cache`,
    ...settings,
  };
}

/** Arguments of `node` that run a module, whose imports name files of the project, by what was compiled of them. */
export function scriptArguments(script: string): string[] {
  const compiled = script.replaceAll(/'\.\/(\S+\.ts)'/g, (_, file) => `'${built(file)}'`);
  return ['--input-type=module', '--eval', compiled];
}

/** For commands that end: a machine that is busy must not make one give up. */
const patient = { POOL_ACQUIRE_TIMEOUT_MS: '20000' };

/** Where a file such as `src/cli.ts` is as JavaScript, for a process of its own. */
export function built(file: string): string {
  return `${inject('build')}/${file.replace(/\.ts$/, '.js')}`;
}

const cli = () => built('src/cli.ts');

/** What runs until a signal, or starts what outlives it, needs a process of its own. */
const processesOnly: readonly (string | undefined)[] = ['demo', 'local', 'serve'];

/**
 * Runs `tandem …` to its end within this process, which costs a tenth of `spawnTandem`: arguments, environment, output
 * and exit code are those of a process. Each command has a test that does start a process.
 */
export async function tandem(
  args: readonly string[],
  settings: Record<string, string> = {},
  more: Pick<CommandIo, 'localHome'> = {},
): Promise<Outcome> {
  if (processesOnly.includes(args[0])) throw new Error(`use spawnTandem for ${args[0]}`);
  return runWithin(runCommandLine, args, settings, more);
}

/** Calls what `cli.ts` calls, with streams that are read. */
export async function runWithin(
  commandLine: typeof runCommandLine,
  args: readonly string[],
  settings: Record<string, string>,
  more: Pick<CommandIo, 'localHome'> = {},
): Promise<Outcome> {
  const [stdout, stderr] = [collect(), collect()];
  const io: CommandIo = {
    env: cleanEnvironment({ ...patient, ...settings }),
    stdin: Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    // No pair that somebody works with.
    localHome: join(tmpdir(), 'tandem-no-home'),
    ...more,
  };
  const code = await commandLine(args, io);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collect() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

/** Runs `tandem …` as a process of its own; `under` is a command that runs another, such as `unshare -n`. */
export function spawnTandem(
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

/**
 * Runs MikroORM's own CLI on what was compiled, as in production: `npx mikro-orm …` with tsx in it takes twice the time,
 * and is what `npxMikroOrm` runs.
 */
export function mikroOrm(args: readonly string[], settings: Record<string, string>): Promise<Outcome> {
  const config = ['--config', built('mikro-orm.config.ts')];
  return npxMikroOrm([...args, ...config], { ...settings, MIKRO_ORM_CLI_PREFER_TS: '0' });
}

/** Runs MikroORM's own CLI as `npx mikro-orm …` does: on the configuration, the migrations and the snapshot in TypeScript. */
export function npxMikroOrm(args: readonly string[], settings: Record<string, string>): Promise<Outcome> {
  return run(process.execPath, ['node_modules/@mikro-orm/cli/cli.js', ...args], settings);
}

/** One process of MikroORM's own CLI, on what was compiled. */
export interface MikroOrm extends Disposable {
  /** Runs a command; one that fails is the last. */
  run(args: readonly string[]): Promise<Outcome>;
}

/** Starts MikroORM's own CLI for several commands with the same settings: the start of a process is most of what one costs. */
export function startMikroOrm(settings: Record<string, string>): MikroOrm {
  const child = fork(`${root}/tests/helpers/mikro-orm-session.mjs`, {
    cwd: root,
    env: cleanEnvironment({ ...patient, ...settings, MIKRO_ORM_CLI_PREFER_TS: '0' }),
    execArgv: [],
  });
  return {
    async run(args) {
      const abort = new AbortController();
      const ended = once(child, 'exit', abort).then(([code]): never => {
        throw new Error(`MikroORM's CLI has ended with ${code}.`);
      });
      const answered = once(child, 'message', abort) as Promise<[Outcome]>;
      child.send([...args, '--config', built('mikro-orm.config.ts')]);
      try {
        return (await Promise.race([answered, ended]))[0];
      } finally {
        abort.abort();
      }
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}

/** Starts `tandem …` and leaves it running; `under` is a command that becomes it, such as `ip netns exec`. */
export function startTandem(
  args: readonly string[],
  settings: Record<string, string>,
  under: readonly string[] = [],
): ChildProcessByStdio<null, Readable, Readable> {
  const env = cleanEnvironment(settings);
  const [file = '', ...rest] = [...under, process.execPath, cli(), ...args];
  return spawn(file, rest, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function run(file: string, args: readonly string[], settings: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = {
      cwd: root,
      env: cleanEnvironment({ ...patient, ...settings }),
      timeout: 110_000,
      maxBuffer: 16 * 1024 * 1024,
    };
    const child = execFile(file, [...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}
