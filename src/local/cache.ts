import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withLock } from './lock.ts';

/**
 * Makes a directory of the cache once, whole or not at all: in a draft beside its place, moved there when it
 * is done. `make` gets the draft and says which directory in it to keep, or why there is none.
 */
export async function makeOnce<Failure extends object>(
  place: string,
  make: (draft: string) => Promise<string | Failure>,
): Promise<Failure | null> {
  if (existsSync(place)) return null;
  return withLock(`${place}.lock`, async () => {
    if (existsSync(place)) return null;
    await removeDrafts(place);
    const draft = await mkdtemp(`${place}.draft-`);
    try {
      const made = await make(draft);
      if (typeof made !== 'string') return made;
      await rename(made, place);
      return null;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}

/** Removes the leftovers of a killed process; under the lock, no other process writes one. */
async function removeDrafts(place: string): Promise<void> {
  const drafts = (await readdir(dirname(place))).filter((name) =>
    name.startsWith(`${basename(place)}.draft-`),
  );
  for (const name of drafts) await rm(join(dirname(place), name), { recursive: true, force: true });
}
