import type { AuditClient } from './client.ts';
import { readLastSeal, timeText } from './read-trail.ts';
import type { LastSeal } from './seal.ts';
import { sealTableOf } from './tables.ts';

/** Milliseconds that a transaction may last at most, with room: the server ends one after TRANSACTION_TIMEOUT_MS. */
const lateMs = 3_600_000;

/** Milliseconds that count between two seals at most: the clock of the database server may have been set forward there. */
const mostApartMs = 1_800_000;

const sealsAtOnce = 200;

/**
 * The last seal that is settled: no row will come any more whose id is lower than its highest. An id is given when the row is written, and
 * the row is there when its transaction commits, perhaps after rows with higher ids. A later seal has what came in that time. Null
 * where there is none.
 *
 * It goes by the time from seal to seal: a clock that is set back adds nothing, and one that is set forward half an hour.
 */
export async function readSettledSeal(client: AuditClient): Promise<LastSeal | null> {
  const seals = sealTableOf(client.database);
  let passedMs = 0;
  let laterMs = Number.NEGATIVE_INFINITY;
  let before = await readLastSeal(client);
  while (before !== null) {
    const times = await client.run<{ number: number | string; at: string }[]>(
      `select number, ${timeText('sealed_at')} as at from ${seals} where number <= ? order by number desc limit ${sealsAtOnce}`,
      [before.number],
    );
    for (const { number, at } of times) {
      const atMs = Date.parse(`${at.replace(' ', 'T')}Z`);
      passedMs += Math.max(0, Math.min(laterMs - atMs, mostApartMs));
      if (passedMs > lateMs) return readLastSeal(client, Number(number));
      laterMs = atMs;
    }
    before = times.length < sealsAtOnce ? null : await readLastSeal(client, Number(times.at(-1)?.number) - 1);
  }
  return null;
}
