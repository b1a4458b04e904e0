import { hostname } from 'node:os';
import { parityTables } from '../../information-schema/own-tables.ts';
import { quoteName } from '../../sql/quote.ts';
import type { ParityClient, RunStatement } from '../client.ts';
import type { RepairDirection, RowOperation } from './row-operation.ts';

const repairs = quoteName(parityTables.repairs);

/** Writes down what a transaction did, within it: the rows and their entries are there together, or neither is. */
export type RepairJournal = (run: RunStatement, operations: readonly RowOperation[]) => Promise<void>;

/**
 * Opens the journal on the side that is changed, and makes it where it is not there.
 *
 * @param trail writes them into the audit trail, too; null where there is none
 */
export async function openRepairJournal(
  client: ParityClient,
  direction: RepairDirection,
  trail: RepairJournal | null,
): Promise<RepairJournal> {
  await makeRepairJournal(client);
  return async (run, operations) => {
    if (operations.length === 0) return;
    await journalOperations(run, operations, direction);
    await trail?.(run, operations);
  };
}

async function makeRepairJournal(client: ParityClient): Promise<void> {
  await client.run(
    `create table if not exists ${repairs} (
      id bigint not null auto_increment primary key,
      at datetime(3) not null,
      account varchar(288) not null,
      host varchar(255) not null,
      direction varchar(20) not null,
      table_name varchar(64) character set utf8mb4 collate utf8mb4_bin not null,
      action varchar(10) not null,
      row_key json not null,
      columns json not null,
      hash_before char(64) character set ascii null,
      hash_after char(64) character set ascii null
    ) character set utf8mb4 engine = InnoDB`,
  );
}

async function journalOperations(
  run: RunStatement,
  operations: readonly RowOperation[],
  { from, to }: RepairDirection,
): Promise<void> {
  const values = operations.flatMap(({ pair, action, key, columns, seen }) => [
    hostname(),
    `${from.toLowerCase()}-to-${to.toLowerCase()}`,
    pair.name,
    action,
    JSON.stringify(key),
    JSON.stringify(columns),
    seen.to,
    seen.from,
  ]);
  const rows = operations.map(() => '(utc_timestamp(3), current_user(), ?, ?, ?, ?, ?, ?, ?, ?)');
  await run(
    `insert into ${repairs} (at, account, host, direction, table_name, action, row_key, columns, hash_before, hash_after) values ${rows.join(', ')}`,
    values,
  );
}
