import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { RowKey } from '../column-types/table-key.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { linkOf } from '../reads/link.ts';
import type { ReadStatement } from '../sources/transaction.ts';
import { quoteName } from '../sql/quote.ts';
import { takenByUpdate } from './cascaded-rows.ts';
import {
  assignments,
  automaticColumns,
  type ColumnValue,
  columnsOfForeignKey,
  columnValuesOf,
  conjunction,
  haveValues,
  isShared,
} from './column-values.ts';
import { type PlacedInput, someNameOthers } from './input-fields.ts';
import { among, keyIn, ownKey, selected } from './key-columns.ts';
import { foreignKeyOf, linkChangesOf, type PlacedKey } from './link-changes.ts';
import { insertLinks, type NewLink, removeLinks } from './link-table.ts';
import { readableKeyIn, requireReadableRows } from './readable-rows.ts';
import type { Transaction } from './transaction.ts';

/**
 * Connects rows to those that inputs are of, and disconnects others, which comes first. Along a relation whose foreign key is in the other table, one UPDATE
 * sets it, after one SELECT that locks the rows; else one INSERT or DELETE changes the table between.
 *
 * @throws TandemError NOT_FOUND that names each key of no row, or of one that is not connected; DUPLICATE that names each that is
 */
export async function changeLinks(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  keys: readonly RowKey[],
): Promise<void> {
  if (!someNameOthers(meta, rows)) return;
  const added = new Map<EntityProperty, NewLink[]>();
  for (const [at, row] of rows.entries()) {
    const owner = keys[at] as RowKey;
    for (const { relation, connect, disconnect } of linkChangesOf(meta, row)) {
      const foreignKey = foreignKeyOf(relation);
      if (foreignKey === null) {
        if (disconnect !== 'all') await removeLinks(transaction, relation, { owner, keys: disconnect });
        const links = connect.map((each) => ({ owner, ...each }));
        added.set(relation, [...(added.get(relation) ?? []), ...links]);
      } else {
        const of = { meta: relation.targetMeta as EntityMetadata, foreignKey };
        const leaving = disconnect === 'all' ? await othersOf(transaction, of, owner, connect) : disconnect;
        await pointTo(transaction, of, { from: owner, to: null }, leaving);
        await pointTo(transaction, of, { to: owner }, connect);
      }
    }
  }
  for (const [relation, links] of added) {
    await requireReadableRows(transaction, relation.targetMeta as EntityMetadata, links);
    await insertLinks(transaction, linkOf(relation), links);
  }
}

/** The table that refers to the owner of rows, and the property by which it does. */
interface Referring {
  readonly meta: EntityMetadata;
  readonly foreignKey: EntityProperty;
}

/**
 * The row that belongs to another along a one-to-one relation, where it can do without, and is not to belong to it. One that the caller may not
 * read stays; where its place is taken, the database refuses the other.
 */
async function othersOf(
  transaction: Transaction,
  { meta, foreignKey }: Referring,
  owner: RowKey,
  connect: readonly PlacedKey[],
): Promise<PlacedKey[]> {
  // One that has to belong to some row stays, and the database refuses a second one.
  if (foreignKey.nullable !== true) return [];
  const columns = ownKey(meta);
  const { sql, params } = conjunction([
    haveValues(columnsOfForeignKey(meta, foreignKey, owner)),
    readableKeyIn(transaction, ownKey(meta, meta.tableName)),
  ]);
  const rows = await transaction.reads.arrays({
    sql: `select ${selected(columns)} from ${quoteName(meta.tableName)} where ${sql} for update`,
    params: params as ReadStatement['params'],
  });
  const keys = rows.map((values) => keyIn(columns, values));
  const others = keys.filter((key) => connect.every((other) => other.key !== key));
  return others.map((key) => ({ key, path: '' }));
}

/** Sets the foreign key of rows, if they are there, and refer to `from`. */
async function pointTo(
  transaction: Transaction,
  { meta, foreignKey }: Referring,
  { from, to }: { readonly from?: RowKey; readonly to: RowKey | null },
  placed: readonly PlacedKey[],
): Promise<void> {
  if (placed.length === 0) return;
  const { change, reads, source, guard, written } = transaction;
  guard?.check(meta, 'update');
  const keys = placed.map(({ key }) => key);
  const columns = ownKey(meta);
  const ofKeys = among(columns, keys);
  const target = columnsOfForeignKey(meta, foreignKey, to);
  // Columns that the foreign key shares with others, such as a tenant's number, stay, and must agree.
  const [shared, own] = [true, false].map((is) =>
    target.filter((each) => isShared(meta, foreignKey, each) === is),
  ) as [ColumnValue[], ColumnValue[]];
  const where = conjunction([
    ofKeys,
    from === undefined ? null : haveValues(columnsOfForeignKey(meta, foreignKey, from)),
    to === null || shared.length === 0 ? null : haveValues(shared),
    guard?.condition(meta, 'update', keys),
  ]);
  const table = quoteName(meta.tableName);
  const rows = await reads.arrays({
    sql: `select ${selected(columns)} from ${table} where ${where.sql} for update`,
    params: where.params as ReadStatement['params'],
  });
  const there = new Set(rows.map((values) => keyIn(columns, values)));
  const missing = placed.filter(({ key }) => !there.has(key));
  if (missing.length > 0) {
    const message = `is the key of no ${meta.className}${from === undefined ? '' : ' that belongs to this row'}`;
    throw new TandemError('NOT_FOUND', { source, fields: missing.map(({ path }) => ({ path, message })) });
  }
  const presets = guard === null ? undefined : columnValuesOf(meta, guard.withPresets(meta, 'update', {}));
  const given = new Map([
    ...(presets?.columns ?? []),
    ...own.map((column) => [column.column, column] as const),
  ]);
  const changed = [...automaticColumns(meta, 'onUpdate', given), ...given.values()];
  const set = assignments(changed);
  const columnNames = changed.map(({ column }) => column);
  const taken = await takenByUpdate(transaction, meta, { keys, columns: columnNames });
  await change({
    sql: `update ${table} set ${set.sql} where ${ofKeys.sql}`,
    params: [...set.params, ...ofKeys.params],
  });
  written?.push(
    { operation: 'update', table: meta.tableName, keys, columns: columnNames, meta },
    ...(await taken()),
  );
}
