import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Where lines of the log go. Writing never waits and never throws. */
export interface LogOutput {
  /** A whole line, with its line feed. */
  write(line: string): void;
  /** Lines that were left out so far, because the ones before them could not be written yet. */
  dropped(): number;
}

/** Milliseconds until a pipe that is full is tried again, and until what failed is: a disk that is full, a reader that is gone. */
const fullMs = 20;
const failedMs = 1000;

/**
 * The log as a descriptor takes it. Lines that it does not take now wait, up to `room` bytes; lines beyond are dropped and counted,
 * and one line tells their number once there is room again. A server goes on, and ends in time, even if no process reads its log.
 *
 * The descriptor must be one that does not block: a thread of libuv's pool that is stuck in writing would keep the process
 * from its end.
 *
 * @param room bytes that may wait
 * @param unblock makes the descriptor one that does not block, where others may have changed it
 */
export function openLogOutput(fd: number, { room = 1024 * 1024, unblock = () => {} } = {}): LogOutput {
  const waiting: Buffer[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let dropped = 0;
  let reported = 0;

  /** Writes what waits. True when nothing does any more. */
  function flush(): boolean {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const written = tryToWrite(next);
      if (written === null) return false;
      bytes -= written;
      if (written < next.length) waiting[0] = next.subarray(written);
      else waiting.shift();
    }
    return true;
  }

  function tryToWrite(chunk: Buffer | string): number | null {
    try {
      unblock();
      return typeof chunk === 'string' ? writeSync(fd, chunk) : writeSync(fd, chunk);
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      timer ??= setTimeout(retry, full ? fullMs : failedMs).unref();
      return null;
    }
  }

  function retry(): void {
    timer = undefined;
    if (!flush() || dropped === reported) return;
    const lost = dropped - reported;
    reported = dropped;
    const about = { level: 40, time: Date.now(), dropped: lost, msg: 'log lines were dropped' };
    write(`${JSON.stringify(about)}\n`);
  }

  function write(line: string): void {
    const length = Buffer.byteLength(line);
    if (bytes + length > room) {
      dropped += 1;
      return;
    }
    // Mostly nothing waits, and the descriptor takes it whole.
    const written = timer === undefined && flush() ? (tryToWrite(line) ?? 0) : 0;
    if (written === length) return;
    waiting.push(Buffer.from(line).subarray(written));
    bytes += length - written;
    if (timer === undefined) flush();
  }

  return { write, dropped: () => dropped };
}

let stdout: LogOutput | undefined;

/** The output of this process's log; a process has one stdout. */
export function logToStdout(): LogOutput {
  stdout ??= openStdout();
  return stdout;
}

/**
 * Whether a descriptor blocks is a property of what was opened, which all share who inherit it; and libuv makes it block again
 * for each process that it starts. So a pipe is opened once more. A socket, such as systemd's journal, cannot be, and is
 * changed back before each write.
 */
function openStdout(): LogOutput {
  const { fd } = process.stdout;
  const own = reopened(fd);
  if (own !== null) return openLogOutput(own);
  const handle = (process.stdout as { _handle?: { setBlocking?(on: boolean): void } | null })._handle;
  return openLogOutput(fd, { unblock: () => handle?.setBlocking?.(false) });
}

/** The same pipe or terminal, opened for this process alone; null where that is none, or cannot be opened. */
function reopened(fd: number): number | null {
  try {
    const about = fstatSync(fd);
    if (!about.isFIFO() && !about.isCharacterDevice()) return null;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
}

/** Lines that this process's log has left out so far. */
export const droppedLines = (): number => stdout?.dropped() ?? 0;
