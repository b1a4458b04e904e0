import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { locked } from './errors.ts';
import { startOf } from './processes.ts';

const BREAKING_MS = 10_000;

/** Runs `work` while no other process does the same under this file. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { wait = 300_000, onWait }: { wait?: number; onWait?: (holder: number) => void } = {},
): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const deadline = Date.now() + wait;
  for (let reported = false; !take(file); ) {
    const holder = read(file);
    if (holder && !reported) onWait?.(holder.pid);
    reported ||= holder !== null;
    if (holder && !isHeld(holder)) breakLock(file);
    else if (Date.now() > deadline) throw locked(file, holder?.pid ?? 0);
    else await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

interface Holder {
  pid: number;
  start: string | null;
}

function take(file: string): boolean {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null when the file is gone, or not written yet by the one who just made it. */
function read(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return isOld(file) ? { pid: 0, start: null } : null;
  }
}

/** The system may reuse a pid for another process, so its start time counts too. */
function isHeld({ pid, start }: Holder): boolean {
  return pid > 0 && startOf(pid) !== null && startOf(pid) === start;
}

/** Two who find the same stale lock must not remove each other's new one, so breaking is exclusive too. */
function breakLock(file: string): void {
  const breaking = `${file}.breaking`;
  try {
    closeSync(openSync(breaking, 'wx', 0o600));
  } catch {
    if (isOld(breaking)) rmSync(breaking, { force: true });
    return;
  }
  const holder = read(file);
  if (holder && !isHeld(holder)) rmSync(file, { force: true });
  rmSync(breaking, { force: true });
}

function isOld(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > BREAKING_MS;
}
