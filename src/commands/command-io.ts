import type { Readable, Writable } from 'node:stream';

/** What a command reads from and writes to: those of the process, or those of a caller in the same process, such as a test. */
export interface CommandIo {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Results only. */
  readonly stdout: Output;
  /** What the person at the terminal reads. */
  readonly stderr: Output;
  /** The folder of the local pair; the project's own without it. */
  readonly localHome?: string;
}

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean };
