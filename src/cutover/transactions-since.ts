import { gtidsExecutedBy, transactionsIn } from '../parity/executed-gtids.ts';
import type { ParityClients } from '../parity/on-both.ts';
import type { WholeRun } from '../parity/read-run-record.ts';
import type { RowsAsked } from '../parity/row-query.ts';
import type { SourceName } from '../source-name.ts';

/**
 * How many transactions each source has executed since a run of parity began, but for those of the run's own record; null: GTIDs do not
 * tell. None is a proof, also where a server was restarted or has forgotten when its tables were written.
 */
export async function transactionsSince(
  clients: ParityClients,
  { executed, recordedOn, ownTransactions }: WholeRun,
): Promise<Readonly<Record<SourceName, number | null>>> {
  const other = recordedOn === 'AZURE' ? 'GCP' : 'AZURE';
  const there = await newOn(clients[recordedOn], executed?.[recordedOn].gtids ?? null);
  const besides = there === null || ownTransactions === null ? null : transactionsIn(there) - ownTransactions;
  // Where it has fewer than it must have, something began them anew.
  const onRecording = besides !== null && besides < 0 ? null : besides;
  const elsewhere = await newOn(clients[other], executed?.[other].gtids ?? null);
  // Transactions of both may have been replicated from the one to the other, and are of the record where all of them are.
  const onOther =
    elsewhere !== null && there !== null && onRecording === 0
      ? await subtracted(clients[other], elsewhere, there)
      : elsewhere;
  const counted = {
    [recordedOn]: onRecording,
    [other]: onOther === null ? null : transactionsIn(onOther),
  };
  return counted as Record<SourceName, number | null>;
}

/** The GTIDs that a server has besides those of a time before; null where they do not tell. */
async function newOn(asking: RowsAsked, before: string | null): Promise<string | null> {
  const gtids = await gtidsExecutedBy(asking);
  if (before === null || gtids === null || !isSet.test(before)) return null;
  const lost = await subtracted(asking, before, gtids);
  // RESET BINARY LOGS AND GTIDS forgets them.
  return lost === '' ? subtracted(asking, gtids, before) : null;
}

/** Texts that may become part of a statement. */
const isSet = /^[\w:,-]*$/;

/** https://dev.mysql.com/doc/refman/8.4/en/gtid-functions.html */
async function subtracted(asking: RowsAsked, set: string, less: string): Promise<string> {
  const [row] = await asking.rows<{ rest: string }>(`select gtid_subtract('${set}', '${less}') as rest`);
  return (row?.rest ?? '').replaceAll(/\s/g, '');
}
