import { open, readFile } from 'node:fs/promises';
import type { AuditClient } from './client.ts';
import { readSeals } from './read-trail.ts';
import { type ExportedSeal, exportedSeal, parseExportedSeals } from './seal.ts';

const sealsAtOnce = 20;

/**
 * Adds to a file the seals of a source that it does not have, one JSON object a line, and waits until the disk has them. A
 * run exports the seals that a killed one did not.
 *
 * @returns how many
 */
export async function exportSeals(client: AuditClient, path: string): Promise<number> {
  const text = await readIfThere(path);
  const known = parseExportedSeals(text).filter(({ source }) => source === client.source);
  let behind = Math.max(0, ...known.map(({ number }) => number));
  let count = 0;
  await using file = await open(path, 'a', 0o600);
  for (;;) {
    const seals = await readSeals(client, behind, sealsAtOnce);
    if (seals.length === 0) break;
    const lines = seals.map((seal) => `${JSON.stringify(exportedSeal(client.source, seal))}\n`);
    const torn = count === 0 && text !== '' && !text.endsWith('\n');
    await file.appendFile((torn ? '\n' : '') + lines.join(''));
    count += seals.length;
    behind = seals.at(-1)?.number as number;
  }
  await file.sync();
  return count;
}

/** @throws Error where the file cannot be read, or holds something else */
export async function readExportedSeals(path: string): Promise<readonly ExportedSeal[]> {
  return parseExportedSeals(await readFile(path, 'utf8'));
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
