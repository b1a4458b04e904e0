import type { EntityMetadata } from '@mikro-orm/core';
import { hasAutomaticValues } from '../column-types/automatic.ts';
import { type Column, primaryKeyOf } from '../column-types/column-types.ts';
import type { RowKey } from '../column-types/table-key.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { propertyOf } from '../reads/entity-properties.ts';
import { linkOf } from '../reads/link.ts';
import {
  automaticColumns,
  type ColumnValue,
  columnsOfForeignKey,
  columnValuesOf,
  conflictProblems,
} from './column-values.ts';
import { type Inserted, keysFrom, numbersFrom } from './generated-keys.ts';
import {
  childInputs,
  childrenOf,
  type InputField,
  inputFieldsOf,
  type PlacedInput,
  someNameOthers,
} from './input-fields.ts';
import { insertColumns, insertInput, insertInputs } from './insert-text.ts';
import { insertLinks } from './link-table.ts';
import { namingMissingParents } from './missing-parents.ts';
import type { Transaction } from './transaction.ts';

/** A row to be inserted. */
interface NewRow extends PlacedInput {
  /** The columns that refer to the row which its input stands in. */
  readonly owner?: readonly ColumnValue[];
}

type Columns = ReadonlyMap<string, ColumnValue>;

/**
 * Inserts rows, then the children in their inputs: one INSERT a table, whatever the number of rows, and one SELECT where the
 * keys of several rows have to be known, two where these do not follow each other. For those, the transaction must have begun with a snapshot.
 *
 * @returns the keys of `rows`, in their order
 */
export async function insertRows(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly NewRow[],
): Promise<RowKey[]> {
  const { first, inserted } = await insertInto(transaction, meta, rows);
  const made = { first, count: rows.length };
  const numbers = made.count === 1 ? [first] : await numbersFrom(transaction, meta, made);
  const keys = keysFrom(meta, numbers, made.count, inserted);
  const columns = inserted.insert.columns.map(({ column }) => column);
  // The audit trail has one entry of the statement, with the keys of its rows.
  transaction.written?.push({ operation: 'create', table: meta.tableName, keys, columns, meta });
  if (someNameOthers(meta, rows)) await insertChildren(transaction, meta, rows, keys);
  return keys;
}

/**
 * Inserts the children in inputs.
 *
 * @param keys of the rows that they come to belong to
 */
export async function insertChildren(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  keys: readonly RowKey[],
): Promise<void> {
  for (const { relation, of } of childrenOf(meta)) {
    const children = rows.flatMap((row, index) =>
      childInputs(row, relation).map(({ input, path }) => ({ input, path, to: keys[index] as RowKey })),
    );
    if (children.length === 0) continue;
    const link = linkOf(relation);
    if (link.rows !== null) {
      const below = await insertRows(transaction, of, children);
      const links = children.map(({ to, path }, at) => ({ owner: to, key: below[at] as RowKey, path }));
      await insertLinks(transaction, link, links);
      continue;
    }
    const relationBack = propertyOf(of, link.owner);
    const owned = children.map(({ to, ...child }) => ({
      ...child,
      owner: columnsOfForeignKey(of, relationBack, to),
    }));
    if (needKeys(of, owned, transaction.written !== null)) await insertRows(transaction, of, owned);
    else await insertInto(transaction, of, owned);
  }
}

/**
 * Whether the keys of several rows of one table have to be known.
 *
 * @param recorded whether the audit trail names them
 */
export function needsSnapshot(
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  recorded: boolean,
): boolean {
  return (
    (rows.length > 1 && primaryKeyOf(meta).numbered !== null) || needsSnapshotBelow(meta, rows, recorded)
  );
}

/** The same of the children in inputs. */
export function needsSnapshotBelow(
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  recorded: boolean,
): boolean {
  if (!someNameOthers(meta, rows)) return false;
  return childrenOf(meta).some(({ relation, of }) => {
    const children = rows.flatMap((row) => childInputs(row, relation));
    const isLinked = linkOf(relation).rows !== null;
    return needKeys(of, children, recorded || isLinked) && needsSnapshot(of, children, recorded);
  });
}

/** Whether the keys of new rows have to be known: for the rows below them, or for the audit trail. */
function needKeys(meta: EntityMetadata, rows: readonly PlacedInput[], recorded: boolean): boolean {
  if (recorded) return rows.length > 0;
  return childrenOf(meta).some(({ relation }) => rows.some((row) => childInputs(row, relation).length > 0));
}

/** @returns the number that the first row was given by the database, and what the statement gave each row */
function insertInto(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly NewRow[],
): Promise<{ readonly first: number | string; readonly inserted: Inserted }> {
  const inserted =
    ofInputs(meta, rows) ??
    ofColumns(
      meta,
      rows.map((row) => columnsOfRow(transaction, meta, row)),
    );
  return transaction.change(inserted.insert.change).then(
    ({ insertId }) => ({ first: insertId, inserted }),
    async (error) => {
      throw await namingMissingParents(transaction, meta, rows, error);
    },
  );
}

/** Null where a row has columns besides those of its input's fields, or a field stands for several. */
function ofInputs(meta: EntityMetadata, rows: readonly NewRow[]): Inserted | null {
  const { columns: fields, sharesColumns } = inputFieldsOf(meta);
  if (sharesColumns || hasAutomaticValues(meta, 'onCreate') || !fields.every(isOneColumn)) return null;
  if (rows.some(({ owner }) => owner !== undefined)) return null;
  const [only] = rows;
  return {
    insert:
      only !== undefined && rows.length === 1
        ? insertInput(meta, fields, only)
        : insertInputs(meta, fields, rows),
    keyValue(row, { column: name }) {
      const { field } = fields.find(({ column }) => column.column === name) as InputField;
      return rows[row]?.input[field];
    },
  };
}

function isOneColumn(field: InputField): field is InputField & { readonly column: Column } {
  return field.column !== null;
}

function ofColumns(meta: EntityMetadata, rows: readonly Columns[]): Inserted {
  return {
    insert: insertColumns(meta, rows),
    keyValue: (row, { column }) => rows[row]?.get(column)?.value,
  };
}

/** @throws TandemError BAD_USER_INPUT where foreign keys that share a column do not agree */
function columnsOfRow(
  { source }: Transaction,
  meta: EntityMetadata,
  { input, path, owner = [] }: NewRow,
): Columns {
  const values = columnValuesOf(meta, input, owner);
  const fields = conflictProblems(values, path);
  if (fields.length > 0) throw new TandemError('BAD_USER_INPUT', { source, fields });
  const made = automaticColumns(meta, 'onCreate', values.columns);
  if (made.length === 0) return values.columns;
  return new Map([...made.map((column) => [column.column, column] as const), ...values.columns]);
}
