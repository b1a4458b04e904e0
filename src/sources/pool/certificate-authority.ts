import { readFile, stat } from 'node:fs/promises';
import type { DatabaseConfig } from '../../config/groups/database.ts';
import { areCertificates } from '../../util/pem.ts';
import { within } from '../../util/within.ts';

/** Milliseconds that the file system gets to answer, before the pool uses the certificates that it has. */
const patienceMs = 500;

/**
 * The certificates that a server is to be signed by, as their file has them now: clouds replace them while processes run.
 * While the file is gone or half written, those of the last read stay.
 *
 * @returns PEM, the same string while the file stays as it is; undefined for those that Node ships
 */
export function certificateAuthority({
  ca,
  caFile,
}: DatabaseConfig['tls']): () => Promise<string | undefined> {
  if (caFile === undefined) return async () => ca;
  let known = ca;
  let version = '';

  const look = async (): Promise<void> => {
    const { mtimeMs, size, ino } = await stat(caFile);
    const now = `${mtimeMs} ${size} ${ino}`;
    if (now === version) return;
    const pem = await readFile(caFile, 'utf8');
    if (!areCertificates(pem)) return;
    version = now;
    if (pem !== known) known = pem;
  };
  return async () => {
    await within(
      patienceMs,
      look().catch(() => {}),
      undefined,
    );
    return known;
  };
}
