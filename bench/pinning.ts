import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Who runs on which core. */
export interface Pinning {
  /** What to put before a contestant's command line. */
  readonly prefix: readonly string[];
  readonly said: string;
}

/**
 * Puts this process, and with it the load generator, on one core and contestants on another. Databases stay
 * free: pinned to either core they would slow it, and unequally for contestants that ask unequally much.
 */
export function pin(): Pinning {
  const free = (why: string) => ({ prefix: [], said: `nothing is pinned to a core (${why})` });
  if (process.platform !== 'linux') return free('not on Linux');
  if (availableParallelism() < 2) return free('there is one core only');
  const { status } = spawnSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)]);
  if (status !== 0) return free('taskset cannot be run');
  return {
    prefix: ['taskset', '-c', '0'],
    said: 'contestants on core 0, load generator on core 1, databases on either',
  };
}
