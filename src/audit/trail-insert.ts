import type { ActiveIdentity } from '../access/identity.ts';
import { codeOf } from '../errors/explain-reason.ts';
import { reasonOf } from '../errors/reason-of.ts';
import type { SourceName } from '../source-name.ts';
import { writeTableOf } from './tables.ts';

/** The rows that one statement wrote. */
export interface WrittenRows {
  readonly operation: 'create' | 'update' | 'delete';
  /** The table's name in the database. */
  readonly table: string;
  readonly keys: readonly unknown[];
  /** How many rows; absent: as many as keys. */
  readonly count?: number;
  /**
   * Names in the database of the columns that it gave; none of a DELETE; those of the foreign key by which
   * MySQL has deleted rows along with others. Their values are nowhere in the trail.
   */
  readonly columns: readonly string[];
}

/** The request, or the repair, that a write belongs to. */
export interface WrittenBy {
  readonly requestId: string;
  readonly identity: Pick<ActiveIdentity, 'subject' | 'issuer' | 'role'>;
}

/** Keys that one row of the trail names; it has the number of all. */
const mostKeys = 1000;

const columns = [
  'written_at',
  'request_id',
  'subject',
  'issuer',
  'role',
  'source',
  'operation',
  'table_name',
  'row_count',
  'row_keys',
  'column_names',
] as const;

/**
 * Makes the statement that adds rows to the trail of one source.
 *
 * @param database that of the trail, on the same server
 */
export function trailInsert(database: string, source: SourceName) {
  const into = `insert into ${writeTableOf(database)} (${columns.join(', ')}) values `;
  const values = `(utc_timestamp(6), ${columns
    .slice(1)
    .fill('?' as never)
    .join(', ')})`;
  return (
    written: readonly WrittenRows[],
    { requestId, identity: { subject, issuer, role } }: WrittenBy,
  ) => ({
    sql: into + written.map(() => values).join(', '),
    params: written.flatMap(({ operation, table, keys, columns, count = keys.length }) => [
      requestId,
      subject,
      issuer,
      role,
      source,
      operation,
      table,
      count,
      JSON.stringify(keys.slice(0, mostKeys), asText),
      JSON.stringify(columns),
    ]),
  });
}

/** A statement that adds no row: it says whether the account may add any. */
export function trailProbe(database: string): string {
  const nulls = columns.map(() => 'null').join(', ');
  return `insert into ${writeTableOf(database)} (${columns.join(', ')}) select ${nulls} from dual where false`;
}

/** Of what is wrong with the trail itself, the client need not learn the names. All else is as of any statement. */
export function isOfTrail(error: unknown): boolean {
  const reason = reasonOf(error);
  if (reason === null) return true;
  const code = codeOf(reason);
  return code === 'SCHEMA_OUTDATED' || code === 'SOURCE_ACCESS_DENIED';
}

/** Numbers that JSON does not have. */
function asText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
