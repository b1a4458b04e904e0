import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 20_000;

/** When a process started, in a form to compare; null when there is no such process. */
export function startOf(pid: number): string | null {
  return proc(pid, 'stat', startInStat) ?? ps(pid, 'lstart=');
}

/** The arguments of a running process; null when it is gone (or a zombie). */
export function commandLineOf(pid: number): string[] | null {
  if (existsSync('/proc/self/cmdline')) {
    const words = proc(pid, 'cmdline', (text) => text.split('\0').filter(Boolean));
    return words && words.length > 0 ? words : null;
  }
  const line = ps(pid, 'command=');
  return line ? line.split(' ') : null;
}

/** True when this pid is the server of this data directory, not a stranger who got the number. */
export function serves(pid: number, data: string): boolean {
  return `${commandLineOf(pid)?.join(' ')} `.includes(` --datadir=${data} `);
}

/** Ends the server of a data directory, kindly at first, and waits until it is gone. */
export async function endServer(
  pid: number,
  data: string,
  { by = 'SIGTERM', grace = GRACE_MS }: { by?: NodeJS.Signals; grace?: number } = {},
): Promise<void> {
  const start = startOf(pid);
  if (start === null || !serves(pid, data)) return;
  signal(pid, by);
  // A stopped process would keep the SIGTERM waiting for ever.
  signal(pid, 'SIGCONT');
  const deadline = Date.now() + grace;
  while (startOf(pid) === start && !isZombie(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await sleep(25);
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Over, with its files closed: a zombie whose last thread has ended, too. */
function isZombie(pid: number): boolean {
  if (proc(pid, 'stat', stateInStat) !== 'Z') return false;
  try {
    return readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch {
    return true;
  }
}

/** Field 3 of `/proc/<pid>/stat`: R, S, T, Z … */
function stateInStat(stat: string): string | null {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0] ?? null;
}

/** Field 22 of `/proc/<pid>/stat`; the name before it may itself hold spaces and brackets. */
export function startInStat(stat: string): string | null {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function proc<T>(pid: number, file: string, parse: (text: string) => T): T | null {
  try {
    return parse(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
  } catch {
    return null;
  }
}

function ps(pid: number, column: string): string | null {
  if (existsSync('/proc/self/stat')) return null;
  try {
    return execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
