import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from '../../src/local/lock.ts';
import { release } from '../../src/local/mysqld/guard.ts';
import { startServer } from '../../src/local/mysqld/start.ts';
import { recordedFrom, type StartedPair } from '../../src/local/pair.ts';
import { endServer, serves, signal } from '../../src/local/processes.ts';
import { readRecord, writeRecord } from '../../src/local/recorded-servers.ts';
import type { LocalPair } from '../../src/local/types.ts';
import type { SourceName } from '../../src/source-name.ts';

/** Kills one server of a pair as a crash would, and waits until it is gone. For fault tests. */
export async function killServer(pair: LocalPair, source: SourceName): Promise<void> {
  const { pid, data, running } = privateServer(pair, source, 'killServer');
  running.expected = true;
  await endServer(pid, data, { by: 'SIGKILL' });
}

/** Freezes one server: connections stay open and nothing answers, as in a network's black hole. */
export async function pauseServer(pair: LocalPair, source: SourceName): Promise<void> {
  const { pid } = privateServer(pair, source, 'pauseServer');
  signal(pid, 'SIGSTOP');
  while (!isStopped(pid)) await delay(1);
}

/**
 * Whether no thread of a process runs: each goes on after the signal until it has come to it.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function isStopped(pid: number): boolean {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(threads)) return true;
  return readdirSync(threads).every((thread) => {
    const file = `${threads}/${thread}/stat`;
    const stat = existsSync(file) ? readFileSync(file, 'utf8') : ') T';
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  });
}

export function resumeServer(pair: LocalPair, source: SourceName): void {
  signal(privateServer(pair, source, 'resumeServer').pid, 'SIGCONT');
}

/** Starts one server of a pair again on the same port and data, stopping it first if it still runs. */
export async function restartServer(pair: LocalPair, source: SourceName): Promise<void> {
  const { paths, entry, pid, data, running } = privateServer(pair, source, 'restartServer');
  await withLock(paths.lock, async () => {
    running.expected = true;
    if (serves(pid, data)) await endServer(pid, data);
    await release(running.child);
    entry.running = await startServer(entry.options);
    if (pair.servers) pair.servers[source] = entry.running.server;
    const record = { ...readRecord(paths), [source]: recordedFrom(entry.running, entry.options) };
    await writeRecord(paths, record);
  });
}

/** Faults are for servers that this process started and that run natively: nobody else may be using them. */
function privateServer(pair: LocalPair, source: SourceName, what: string) {
  const { started } = pair as StartedPair;
  const entry = started?.servers.get(source);
  const pid = entry?.running.server.pid;
  if (!started || !entry || !pid)
    throw new Error(`${what} works only on native servers that this process started.`);
  const { paths } = started;
  return { paths, entry, pid, data: paths.server(source).data, running: entry.running };
}
