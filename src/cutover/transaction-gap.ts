import { setTimeout as delay } from 'node:timers/promises';
import type { ParityClient } from '../parity/client.ts';
import { transactionsIn } from '../parity/executed-gtids.ts';

/** How two servers differ by the transactions that they have executed. */
export interface TransactionGap {
  /** Of the first cloud's, how many the other one lacks. */
  readonly missing: number;
  /** Of the other cloud's, how many the first one lacks: they were written there. */
  readonly own: number;
}

/** Milliseconds for what was written just now to arrive, and between two looks. */
const patienceMs = 1000;
const lookMs = 200;

/**
 * Compares GTIDs. It sees what a hanging channel hides, which is 0 s behind until its time-out.
 * https://dev.mysql.com/doc/refman/8.4/en/gtid-functions.html
 *
 * @param gtids of both, as they were before
 */
export async function gapBetween(
  clients: Readonly<Record<'from' | 'to', ParityClient>>,
  gtids: Readonly<Record<'from' | 'to', string>>,
): Promise<TransactionGap> {
  const lacking = async (client: ParityClient, set: string) => {
    const [row] = await client.rows<{ gtids: string }>(
      `select gtid_subtract('${set}', @@global.gtid_executed) as gtids`,
    );
    return transactionsIn(row?.gtids ?? '');
  };
  const until = performance.now() + patienceMs;
  for (;;) {
    const missing = await lacking(clients.to, gtids.from);
    if (missing === 0 || performance.now() > until)
      return { missing, own: await lacking(clients.from, gtids.to) };
    await delay(lookMs);
  }
}
