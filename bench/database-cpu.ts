import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Databases } from './databases.ts';

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

/** CPU time of both database servers since they started; null where it cannot be read. */
export function databaseCpuMs({ servers }: Pick<Databases, 'servers'>): number | null {
  try {
    return [servers.AZURE, servers.GCP].reduce((sum, { pid }) => sum + cpuMsOf(pid as number), 0);
  } catch {
    return null; // in a container, or not on Linux
  }
}

/** Fields 14 and 15, user and system time: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
}
