import type { SqlEntityManager } from '@mikro-orm/mysql';
import type { ActiveIdentity } from '../access/identity.ts';
import { codeOf } from '../errors/database-faults.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { type ForeignKeyActions, readForeignKeyActions } from '../information-schema/foreign-key-actions.ts';
import type { SourceName } from '../source-name.ts';
import { writeTableOf } from './tables.ts';

/** What one statement wrote. */
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

/** The request that a write belongs to. */
export interface WrittenBy {
  readonly requestId: string;
  readonly identity: ActiveIdentity;
}

/** The trail of the writes to one source. */
export interface WriteTrail {
  /** Adds one row for each statement, in the transaction of the statements: all of it is committed, or nothing. */
  append(em: SqlEntityManager, written: readonly WrittenRows[], by: WrittenBy): Promise<void>;
  /**
   * The foreign keys along which MySQL itself changes rows.
   *
   * @param fresh whether they are read anew in any case
   */
  foreignKeys(em: SqlEntityManager, fresh?: boolean): Promise<ForeignKeyActions>;
}

/**
 * Milliseconds for which the foreign keys are taken to be what they were, since reading them costs as much as a write does. Migrations run
 * while the server does.
 */
const keptMs = 2000;

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

/** @param database that of the trail, on the same server */
export function createWriteTrail(database: string, source: SourceName): WriteTrail {
  const into = `insert into ${writeTableOf(database)} (${columns.join(', ')}) values `;
  const values = `(utc_timestamp(6), ${columns
    .slice(1)
    .fill('?' as never)
    .join(', ')})`;
  let known: { readonly keys: ForeignKeyActions; readonly at: number } | undefined;
  return {
    async foreignKeys(em, fresh = false) {
      if (fresh || known === undefined || performance.now() - known.at > keptMs) {
        const at = performance.now();
        known = { keys: await readForeignKeyActions(em), at };
      }
      return known.keys;
    },
    async append(em, written, { requestId, identity }) {
      if (written.length === 0) return;
      const { subject, issuer, role } = identity;
      const params = written.flatMap(({ operation, table, keys, columns, count = keys.length }) => [
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
      ]);
      try {
        await em.execute(into + written.map(() => values).join(', '), params, 'run');
      } catch (error) {
        throw isOfTrail(error) ? new TandemError('AUDIT_UNAVAILABLE', { source, cause: error }) : error;
      }
    },
  };
}

/** Of what is wrong with the trail itself, the client need not learn the names. All else is as of any statement. */
function isOfTrail(error: unknown): boolean {
  const reason = reasonOf(error);
  if (reason === null) return true;
  const code = codeOf(reason);
  return code === 'SCHEMA_OUTDATED' || code === 'SOURCE_ACCESS_DENIED';
}

/** Numbers that JSON does not have. */
function asText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
