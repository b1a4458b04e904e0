import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux's file system in memory. */
const MEMORY = '/dev/shm';

/** The servers of a run write 2 GB at most, and the run itself needs as much. */
const ENOUGH_BYTES = 4 * 2 ** 30;

/**
 * Makes a folder for the data of a server: in memory where there is room. A disk is asked to flush for each table that
 * is made, which takes 5 to 9 % of a run's CPU, however fast it is.
 */
export function makeDataFolder(name: string): string {
  const inMemory = hasRoom();
  if (inMemory) removeAbandoned();
  return mkdtempSync(join(inMemory ? MEMORY : tmpdir(), `tandem-${name}-${process.pid}-`));
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return Math.min(bavail * bsize, process.availableMemory()) >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}

/** Memory that a run still holds which was killed is free again at the next one. */
function removeAbandoned(): void {
  for (const name of readdirSync(MEMORY)) {
    const [, pid] = /^tandem-[a-z]+-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
