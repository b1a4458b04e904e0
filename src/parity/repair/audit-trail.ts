import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { grantText, quoteAccount } from '../../audit/rights.ts';
import { isOfTrail, trailInsert, trailProbe, type WrittenRows } from '../../audit/trail-insert.ts';
import { reasonOf } from '../../errors/reason-of.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import { auditTables } from '../../information-schema/own-tables.ts';
import type { SourceName } from '../../source-name.ts';
import type { ParityClient } from '../client.ts';
import type { RepairJournal } from './journal.ts';
import type { DirectionName, RowOperation } from './row-operation.ts';

const operations = { INSERT: 'create', UPDATE: 'update', DELETE: 'delete' } as const;

/**
 * The audit trail of the side that is changed, for what a repair writes there.
 *
 * @param database that of the trail
 * @returns why it takes no rows of the account, as a sentence, where it takes none
 */
export async function openRepairTrail(
  client: ParityClient,
  database: string,
  direction: DirectionName,
): Promise<RepairJournal | string> {
  const { source } = client;
  const [{ account = '' } = {}] = await client.rows<{ account: string }>('select current_user() as account');
  const insertOf = trailInsert(database, source);
  const by = {
    requestId: randomUUID(),
    identity: { subject: operator(), issuer: account, role: `tandem parity --repair ${direction}` },
  };
  const write: RepairJournal = async (run, operations) => {
    const { sql, params } = insertOf(writtenOn(source, operations), by);
    try {
      await run(sql, params);
    } catch (error) {
      throw isOfTrail(error) ? new TandemError('AUDIT_UNAVAILABLE', { source, cause: error }) : error;
    }
  };
  try {
    await client.run(trailProbe(database));
  } catch (error) {
    // A plan can be made for a server that takes no changes: it says so of the first row.
    if (reasonOf(error) === 'SERVER_READ_ONLY') return write;
    if (!isOfTrail(error)) throw error;
    const place = { schema: database, table: auditTables.writes };
    return `The audit trail on ${source} takes no rows of this account: run \`tandem audit install\`, and as an administrator: ${grantText(['INSERT'], place, quoteAccount(account))};`;
  }
  return write;
}

/** One for all rows of a table with which the same was done: an UPDATE names columns. */
function writtenOn(source: SourceName, done: readonly RowOperation[]): WrittenRows[] {
  const alike = Map.groupBy(done, ({ pair, action, columns }) =>
    JSON.stringify([pair.name, action, action === 'UPDATE' ? columns : []]),
  );
  return [...alike.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const { pair, action, columns } = first;
    const { name: table, columns: all } = pair.models[source];
    const compared = new Set(pair.columns.map(({ name }) => name.toLowerCase()));
    const given = all.filter(({ name, generated }) => generated === null && compared.has(name.toLowerCase()));
    const names = { INSERT: given.map(({ name }) => name), UPDATE: columns, DELETE: [] };
    return { operation: operations[action], table, keys: rows.map(({ key }) => key), columns: names[action] };
  });
}

/** The user of the operating system, and the machine; a container's user need have no name. */
function operator(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid ${process.getuid?.()}@${hostname()}`;
  }
}
