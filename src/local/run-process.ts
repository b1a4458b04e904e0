import { spawn } from 'node:child_process';

export interface ProcessOutcome {
  /** Null when the program could not be started or was ended by a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end and says how it went; a failure is a value, not an exception. */
export function run(
  [file = '', ...args]: readonly string[],
  {
    env,
    input,
    timeout = 600_000,
  }: { env?: NodeJS.ProcessEnv; input?: string | Buffer; timeout?: number } = {},
): Promise<ProcessOutcome> {
  return new Promise((done) => {
    const child = spawn(file, args, { env, timeout, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A program that ends before reading its input breaks the pipe; its exit code says enough.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error) => done({ code: null, stdout, stderr: error.message }));
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

/** The last lines of an outcome, for people. */
export function lastOutput({ stdout, stderr }: ProcessOutcome, lines = 5): string {
  return (stderr.trim() || stdout.trim()).split('\n').slice(-lines).join('\n');
}
