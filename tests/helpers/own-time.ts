import { readFileSync } from 'node:fs';

/**
 * Milliseconds so far in which a process's main thread had work and no processor, since other programs had them
 * (https://docs.kernel.org/scheduler/sched-stats.html, /proc/<pid>/schedstat); 0 where the kernel does not count them.
 */
function standingMs(pid: number | 'self'): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** How long something took. */
export interface Took {
  /** By the clock: what a lower bound is about. */
  readonly ms: number;
  /** Without what other programs took of it: what an upper bound is about, which a busy machine must not break. */
  readonly ownMs: number;
}

/** Begins to measure what this process does, or this one and another; the result may be asked more than once. */
export function stopwatch(other?: number): () => Took {
  const standing = () => standingMs('self') + (other === undefined ? 0 : standingMs(other));
  const [started, stood] = [performance.now(), standing()];
  return () => {
    const ms = performance.now() - started;
    // Two processes may stand at once.
    return { ms, ownMs: Math.max(0, ms - (standing() - stood)) };
  };
}

/**
 * Looks for the longest turn of this process's event loop, by the CPU that its main thread spends in it.
 *
 * @returns what ends that, and tells milliseconds
 */
export function watchTurns(): () => number {
  const cpuMs = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let last = cpuMs();
  let watching = true;
  const turn = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (watching) setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    watching = false;
    turn();
    return longest;
  };
}
