import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Where events of reads go. */
export interface EventFile extends AsyncDisposable {
  /** Whether the last events could not be written, and it is not yet time to try again. */
  readonly isFailing: boolean;
  /**
   * Adds a line. It resolves when the operating system has it.
   *
   * @throws where it could not be written
   */
  write(line: string): Promise<void>;
}

/** Milliseconds after which a file that failed is tried again, and after which a file that was moved away is noticed. */
const retryMs = 1000;
const lookMs = 1000;

/** Milliseconds that a named pipe may be full, which its reader empties. */
const fullMs = 1000;

/** A named pipe without a reader, or with one that does not read, must not hold the process: https://man7.org/linux/man-pages/man7/fifo.7.html */
const adding = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

interface Waiting {
  readonly line: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Opens the file. Lines that come while others are written are written together, in one call: processes that add to one file do not
 * break each other's lines. No line is left out: each caller waits for its own, and learns where it could not be written.
 *
 * @throws where it cannot be opened
 */
export async function openEventFile(path: string): Promise<EventFile> {
  let file = await open(path, adding, 0o600);
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let lookedAt = performance.now();
  /** A line that was written in part is ended before the next. */
  let isTorn = false;

  async function current(): Promise<FileHandle> {
    if (performance.now() - lookedAt < lookMs) return file;
    lookedAt = performance.now();
    const [there, own] = await Promise.all([stat(path).catch(() => null), file.stat()]);
    if (there !== null && there.ino === own.ino && there.dev === own.dev) return file;
    const next = await open(path, adding, 0o600);
    await file.close();
    file = next;
    isTorn = false;
    return file;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const some = waiting;
      waiting = [];
      try {
        const text = Buffer.from((isTorn ? '\n' : '') + some.map(({ line }) => `${line}\n`).join(''));
        const into = await current();
        const bytesWritten = await writeAsMuch(into, text);
        isTorn = bytesWritten > 0 ? bytesWritten < text.length : isTorn;
        if (bytesWritten < text.length) throw new Error('The file took a part of the events, or none.');
        failedAt = Number.NEGATIVE_INFINITY;
        for (const { done } of some) done();
      } catch (error) {
        failedAt = performance.now();
        for (const { failed } of some) failed(error);
      }
    }
    writing = undefined;
  }

  return {
    get isFailing() {
      return performance.now() - failedAt < retryMs;
    },
    write: (line) =>
      new Promise<void>((done, failed) => {
        waiting.push({ line, done, failed });
        writing ??= writeAll();
      }),
    async [Symbol.asyncDispose]() {
      await writing;
      await file.close();
    },
  };
}

/** Writes a text in one call; a named pipe that is full takes the rest when its reader has read. @returns bytes that were taken */
async function writeAsMuch(file: FileHandle, text: Uint8Array): Promise<number> {
  const until = performance.now() + fullMs;
  let taken = 0;
  for (;;) {
    try {
      taken += (await file.write(text, taken)).bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        if (taken > 0) return taken;
        throw error;
      }
    }
    if (taken === text.length || performance.now() > until) return taken;
    await delay(5);
  }
}
