import { hash } from 'node:crypto';
import type { AuditClient } from './client.ts';
import { IdSet } from './id-set.ts';
import { readIds, readLastSeal, readRows, readSeals } from './read-trail.ts';
import { type Seal, sealRows } from './seal.ts';
import { readSettledSeal } from './settled-seal.ts';
import { sealTableOf } from './tables.ts';

/** Rows of one seal, and ids and seals that are read at once. */
const rowsASeal = 1000;
const idsAtOnce = 50_000;
const sealsAtOnce = 20;

/**
 * Seals the rows that are committed and not sealed yet. It waits for no transaction and none waits for it: a row that is committed later
 * than others with higher ids comes into a later seal.
 *
 * @returns how many rows were sealed; null where another sealer is at work
 */
export async function sealTrail(client: AuditClient): Promise<number | null> {
  const { run, database, source } = client;
  const lock = `tandem_audit_${hash('sha256', database, 'hex').slice(0, 32)}`;
  const [got] = await run<{ got: number | null }[]>('select get_lock(?, 0) as got', [lock]);
  if (got?.got !== 1) return null;
  try {
    const open = await unsealedIds(client);
    let last = await readLastSeal(client);
    for (let from = 0; from < open.length; from += rowsASeal) {
      const rows = await readRows(client, open.slice(from, from + rowsASeal));
      const [now] = await run<{ at: string }[]>(
        "select date_format(utc_timestamp(6), '%Y-%m-%d %H:%i:%s.%f') as at",
      );
      const seal = sealRows(rows, { source, last, sealedAt: now?.at ?? '' });
      await storeSeal(client, seal);
      last = seal;
    }
    return open.length;
  } finally {
    await run('select release_lock(?) as freed', [lock]);
  }
}

async function storeSeal({ run, database }: AuditClient, seal: Seal): Promise<void> {
  const { number, sealedAt, previous, highest, entries, hash } = seal;
  await run(
    `insert into ${sealTableOf(database)} (number, sealed_at, previous, highest_id, entries, hash) values (?, ?, ?, ?, ?, ?)`,
    [number, sealedAt, previous, highest, JSON.stringify(entries), hash],
  );
}

/** Ids of rows that no seal has. */
async function unsealedIds(client: AuditClient): Promise<string[]> {
  const settled = await readSettledSeal(client);
  const sealed = new IdSet();
  let behind = settled?.number ?? 0;
  for (;;) {
    const seals = await readSeals(client, behind, sealsAtOnce);
    if (seals.length === 0) break;
    for (const { number, entries } of seals) {
      for (const [id] of entries) sealed.add(id);
      behind = number;
    }
  }
  const open: string[] = [];
  for (let beyond = settled?.highest ?? '0'; ; ) {
    const ids = await readIds(client, beyond, idsAtOnce);
    for (const id of ids) if (!sealed.has(id)) open.push(id);
    if (ids.length < idsAtOnce) return open;
    beyond = ids.at(-1) as string;
  }
}
