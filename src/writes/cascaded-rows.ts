import type { EntityMetadata } from '@mikro-orm/core';
import type { RowKey } from '../column-types/table-key.ts';
import type { ForeignKeyActions, TableName } from '../information-schema/foreign-key-actions.ts';
import type { ReadStatement } from '../sources/transaction.ts';
import { quoteName } from '../sql/quote.ts';
import { afterChange, follow, type Root, statementRows, type TakenRow, type Way } from './cascade-paths.ts';
import { type Condition, conjunction, hasKey } from './column-values.ts';
import type { ChangedRows, Transaction } from './transaction.ts';

/**
 * The rows that MySQL deletes or changes by itself along foreign keys when rows are deleted. They are locked, those that others refer to
 * first, so that they are the same when the DELETE comes: a row that refers to a locked one can be added only after the transaction.
 *
 * @param where which rows of the table are deleted, by names of columns without an alias
 * @throws TandemError REFERENCED where there are more than a transaction may take along
 */
export async function takenByDelete(
  transaction: Transaction,
  meta: EntityMetadata,
  where: Condition,
): Promise<ChangedRows[]> {
  return withForeignKeys(transaction, [], async (keys) => {
    const root = { meta, table: { schema: keys.schema, name: meta.tableName }, where };
    const ways = await follow(transaction, keys, root, 'delete');
    const back = ways.find(({ table }) => isSame(table, root.table))?.actions.at(-1);
    if (back === undefined) return merged(ways, keys);
    const rows = await statementRows(transaction, keys, root, back);
    return merged(ways, keys, [{ table: back.table, rows }]);
  });
}

/**
 * The same where columns of rows are changed, to which foreign keys may refer.
 *
 * @returns what is to be called after the change: a row that keeps its values takes nothing along
 */
export async function takenByUpdate(
  transaction: Transaction,
  meta: EntityMetadata,
  { keys: rowKeys, columns }: { readonly keys: readonly RowKey[]; readonly columns: readonly string[] },
): Promise<() => Promise<ChangedRows[]>> {
  return withForeignKeys(transaction, nothing, async (keys) => {
    const table = { schema: keys.schema, name: meta.tableName };
    const followed = keys.on(table).filter(({ onUpdate }) => onUpdate !== null);
    const watched = columns.filter((column) =>
      followed.some(({ referencedColumns }) => referencedColumns.includes(column)),
    );
    if (watched.length === 0) return nothing;
    const before: ChangingRow[] = [];
    for (const key of rowKeys) {
      const root = { meta, table, where: hasKey(meta, key) };
      // Of a row that the caller may not change, nothing goes along: what does would be looked up, and too much of it tell.
      const guarded = conjunction([root.where, transaction.guard?.condition(meta, 'update', [key])]);
      const values = await valuesOf(transaction, root, watched);
      const ways = await follow(transaction, keys, { ...root, where: guarded }, watched);
      before.push({ root, values, ways });
    }
    return async () => {
      const taken: Way[] = [];
      for (const { root, values, ways } of before) {
        const now = await valuesOf(transaction, root, watched);
        const changed = watched.filter((_, at) => JSON.stringify(values[at]) !== JSON.stringify(now[at]));
        taken.push(...ways.flatMap((way) => afterChange(way, changed)));
      }
      return merged(taken, keys);
    };
  });
}

/** A row before its change, and what goes along with it if columns change. */
interface ChangingRow {
  readonly root: Root;
  readonly values: readonly unknown[];
  readonly ways: readonly Way[];
}

const nothing = async () => [];

// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html#error_er_no_such_table
const isGone: ReadonlySet<unknown> = new Set([1054, 1142, 1146]);

/**
 * Asks for the foreign keys where there is a trail; the entity manager is made only then. Where they name a table that is gone, they are not
 * what they were.
 */
async function withForeignKeys<T>(
  transaction: Transaction,
  without: T,
  work: (keys: ForeignKeyActions) => Promise<T>,
): Promise<T> {
  if (transaction.foreignKeys === null) return without;
  const { foreignKeys, em } = transaction;
  try {
    return await work(await foreignKeys(em));
  } catch (error) {
    if (!isGone.has((error as { readonly errno?: unknown }).errno)) throw error;
    return work(await foreignKeys(em, true));
  }
}

/** The values of some columns of a row, which is locked. */
async function valuesOf(
  { reads }: Transaction,
  { meta, where }: Root,
  columns: readonly string[],
): Promise<readonly unknown[]> {
  const sql = `select ${columns.map(quoteName).join(', ')} from ${quoteName(meta.tableName)} where ${where.sql} for update`;
  const [row = []] = await reads.arrays({ sql, params: where.params as ReadStatement['params'] });
  return row;
}

/**
 * One entry a table, a foreign key and what becomes of the rows; each row once, and none that is changed before it goes.
 *
 * @param deleted the rows of the statement, which has an entry of its own
 */
function merged(
  ways: readonly Way[],
  { schema }: ForeignKeyActions,
  deleted: readonly { readonly table: TableName; readonly rows: readonly TakenRow[] }[] = [],
): ChangedRows[] {
  const gone = new Set(deleted.flatMap(({ table, rows }) => rows.map(({ id }) => nameOf(table, id))));
  const isNew = (known: Set<string>, table: TableName, { id }: TakenRow) => {
    if (id === null) return true;
    const name = nameOf(table, id);
    return !known.has(name) && known.add(name) !== undefined;
  };
  const entries = (some: readonly Way[], known: (way: Way) => Set<string>) =>
    some.flatMap((way): ChangedRows[] => {
      const { table, change, actions } = way;
      const rows = way.rows.filter((row) => isNew(known(way), table, row));
      if (rows.length === 0) return [];
      return [
        {
          operation: change === 'delete' ? 'delete' : 'update',
          table: table.schema === schema ? table.name : `${table.schema}.${table.name}`.slice(0, 64),
          keys: rows.flatMap(({ id, key }) => (id === null ? [] : [key])),
          count: rows.length,
          columns: change === 'delete' ? (actions.at(-1)?.columns ?? []) : change,
          meta: null,
          isTaken: true,
        },
      ];
    });
  const deletes = entries(
    ways.filter(({ change }) => change === 'delete'),
    () => gone,
  );
  const changed = new Map<string, Set<string>>();
  const updates = entries(
    ways.filter(({ change }) => change !== 'delete'),
    ({ change }) => {
      const name = JSON.stringify(change);
      const known = changed.get(name) ?? new Set(gone);
      changed.set(name, known);
      return known;
    },
  );
  return [...deletes, ...updates];
}

function nameOf({ schema, name }: TableName, id: string | null): string {
  return JSON.stringify([schema, name, id]);
}

function isSame(one: TableName, other: TableName): boolean {
  return one.schema === other.schema && one.name === other.name;
}
