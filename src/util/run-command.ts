import { spawn } from 'node:child_process';

/** Bytes that a password has at most: tokens have some thousands. */
const mostBytes = 64 * 1024;

interface Bounds {
  /** Milliseconds until it is ended. */
  readonly timeoutMs: number;
  /** Ends it before. */
  readonly signal: AbortSignal;
}

/** Why a command gave no password; nothing that it printed is in it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly code: 'PASSWORD_COMMAND_FAILED' | 'PASSWORD_COMMAND_TIMEOUT',
    /** Goes on after "The command". */
    readonly outcome: string,
  ) {
    super(`The command ${outcome}.`);
  }
}

/**
 * Runs a command without a shell, and answers the one line that it prints. Its output on stderr is dropped, since it
 * may hold the secret: an operator runs it by hand to see that.
 *
 * @throws CommandError
 */
export function runCommand(
  [program, ...args]: readonly [program: string, ...args: string[]],
  { timeoutMs, signal }: Bounds,
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw closes();
    const child = start(program, args);
    const chunks: Buffer[] = [];
    let bytes = 0;

    const settle = (outcome: Error | string) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      process.off('exit', leave);
      if (typeof outcome === 'string') resolve(outcome);
      else reject(outcome);
    };
    /** Does not wait for its end: a process that the kernel holds has none, and the caller must not wait with it. */
    const end = (why: Error) => {
      child.stdout.destroy();
      endGroup(child.pid);
      settle(why);
    };
    const abort = () => end(closes());
    const timer = setTimeout(() => end(timedOut(timeoutMs)), timeoutMs);
    signal.addEventListener('abort', abort);
    const leave = () => endGroup(child.pid);
    process.on('exit', leave);

    child.on('error', (error) => settle(notStarted(error)));
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostBytes) end(failed(`printed more than ${mostBytes / 1024} KiB`));
    });
    child.on('close', (code, by) => {
      const output = Buffer.concat(chunks).toString().trim();
      if (code !== 0) settle(failed(by === null ? `ended with exit code ${code}` : `was ended by ${by}`));
      else if (output === '') settle(failed('printed nothing'));
      else if (/\p{Cc}/u.test(output)) settle(failed('printed more than one line'));
      else settle(output);
    });
  });
}

function start(program: string, args: readonly string[]) {
  try {
    // In a group of its own, so that what it started ends with it: `az` and `gcloud` are scripts around a Python.
    return spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  } catch (error) {
    throw notStarted(error as Error);
  }
}

const failed = (outcome: string) => new CommandError('PASSWORD_COMMAND_FAILED', outcome);
const closes = () => failed('was ended, since Tandem closes');
const notStarted = ({ code }: NodeJS.ErrnoException) => failed(`could not be started (${code})`);

export function timedOut(ms: number): CommandError {
  return new CommandError('PASSWORD_COMMAND_TIMEOUT', `gave no password in ${Math.round(ms)} ms`);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
