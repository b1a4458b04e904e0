import type { EntityMetadata } from '@mikro-orm/core';
import { type Column, columnNamed, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { type RowKey, toRowKey } from '../column-types/table-key.ts';
import { parametersOfKey } from '../reads/bound-key.ts';
import { amongText } from '../reads/condition-to-sql.ts';
import { propertyOf } from '../reads/entity-properties.ts';
import { quoteName } from '../sql/quote.ts';
import type { Condition } from './column-values.ts';

/** Columns of a statement that hold keys of a table: its own, or those of a foreign key. */
export interface KeyColumns {
  /** The table whose keys they hold. */
  readonly of: EntityMetadata;
  readonly columns: readonly { readonly sql: string; readonly codec: Column['codec'] }[];
}

/** @param alias of the table, where the statement gives it one */
export function ownKey(meta: EntityMetadata, alias?: string): KeyColumns {
  const names = primaryKeyOf(meta).columns.map(({ name }) => name);
  return { of: meta, columns: columnsIn(meta, names, alias) };
}

export function foreignKey(meta: EntityMetadata, relation: string, alias?: string): KeyColumns {
  const property = propertyOf(meta, relation);
  return {
    of: property.targetMeta as EntityMetadata,
    columns: columnsIn(meta, foreignColumnsOf(property), alias),
  };
}

function columnsIn(meta: EntityMetadata, names: readonly string[], alias?: string): KeyColumns['columns'] {
  return names.map((name) => {
    const { column, codec } = columnNamed(meta, name);
    return { sql: [...(alias === undefined ? [] : [alias]), column].map(quoteName).join('.'), codec };
  });
}

/** Their selection, as SQL. */
export function selected({ columns }: KeyColumns): string {
  return columns.map(({ sql, codec }) => codec.select.replaceAll('??', () => sql)).join(', ');
}

/** The key in the values that the driver gives of them. */
export function keyIn({ of, columns }: KeyColumns, values: readonly unknown[]): RowKey {
  return toRowKey(
    primaryKeyOf(of),
    columns.map(({ codec }, at) => codec.read?.(values[at]) ?? values[at]),
  );
}

/** That they hold one of some keys, by their collations. */
export function among({ of, columns }: KeyColumns, keys: readonly RowKey[]): Condition {
  return {
    sql: amongText(
      columns.map(({ sql }) => sql),
      columns.map(({ codec }) => codec),
      keys.length,
    ),
    params: keys.flatMap((key) => parametersOfKey(of, key)),
  };
}
