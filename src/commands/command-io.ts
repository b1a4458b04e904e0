import { writeFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';

/** The streams of a command: those of the process, or those of a caller in the same process, such as a test. */
export interface CommandIo {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Results only. */
  readonly stdout: Output;
  /** The output for a person at the terminal. */
  readonly stderr: Output;
  /** The folder of the local pair; the project's own without it. */
  readonly localHome?: string;
}

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean };

export function printLine(stdout: Output, line: string): void {
  stdout.write(`${line}\n`);
}

/** One object on one line, as every `--json` prints it. */
export function printJson(stdout: Output, value: unknown): void {
  printLine(stdout, JSON.stringify(value));
}

/** The result of a command: into the file of `--out`, or without one on stdout. */
export async function writeResult(stdout: Output, text: string, out: string | undefined): Promise<void> {
  if (out === undefined) stdout.write(text);
  else await writeFile(out, text);
}
