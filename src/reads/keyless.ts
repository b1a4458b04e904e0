import type { EntityMetadata, MetadataStorage } from '@mikro-orm/core';
import { columnNamed, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { fieldsOf } from '../column-types/entity-fields.ts';
import { quoteName } from '../sql/quote.ts';
import type { TablePart } from '../sql/replace-tables.ts';
import { indexesOf } from './indexes.ts';
import { isColumn, propertyOf } from './properties.ts';

/** The tables that have no key, by their names. */
export function keylessTables(metadata: MetadataStorage): ReadonlyMap<string, EntityMetadata> {
  const metas = [...metadata.getAll().values()] as EntityMetadata[];
  return new Map(
    metas
      .filter((meta) => !meta.abstract && primaryKeyOf(meta).isNone)
      .map((meta) => [meta.tableName, meta] as const),
  );
}

/** Whether a statement needs the place of a row of such a table: functions of rows, such as their count, do not. */
export function namesPlaces(sql: string, meta: EntityMetadata): boolean {
  return sql.includes(placeColumn(meta));
}

/**
 * Rows of a table without a key, each with a place that no other has, beside its columns: a digest of what the API shows of the row, and
 * its number among the rows that have the same digest. Such rows are equal, so that it makes no difference which of them has which
 * number: pages in any order have every row exactly once.
 *
 * MySQL reads the rows before it numbers them. A condition on a column by which rows are numbered goes before that, so that an index serves
 * it: https://dev.mysql.com/doc/refman/8.4/en/derived-condition-pushdown-optimization.html
 *
 * @param properties those of which the digest is made
 * @param rows the rows that are numbered, with the columns of the properties
 */
export function withPlaces<Q>(
  meta: EntityMetadata,
  properties: ReadonlySet<string>,
  rows: TablePart<Q>,
): TablePart<Q> {
  const columns = fieldsOf(meta.class as never)
    .filter(({ name }) => properties.has(name) && isColumn(propertyOf(meta, name)))
    .flatMap(({ name }) => {
      const property = propertyOf(meta, name);
      return property.targetMeta === undefined ? [name] : foreignColumnsOf(property);
    })
    .map((name) => columnNamed(meta, name));
  const parts = columns.map(
    ({ column, codec }) =>
      `ifnull(sha2(${codec.select.replaceAll('??', () => `\`of\`.${quoteName(column)}`)}, 256), '-')`,
  );
  const digest = `sha2(concat(${["''", ...parts].join(', ')}), 256)`;
  const known = new Set(columns.map(({ column }) => column));
  const leading = new Set(
    indexesOf(meta).flatMap(([first]) => (first && known.has(first.column) ? [first.column] : [])),
  );
  const by = [...[...leading].map((name) => `\`of\`.${quoteName(name)}`), digest];
  const place = `concat(${digest}, '-', row_number() over (partition by ${by.join(', ')}))`;
  return {
    sql: `select \`of\`.*, ${place} as ${placeColumn(meta)} from (${rows.sql}) as \`of\``,
    params: rows.params,
  };
}

/** All rows and columns of a table. */
export function wholeTable(meta: EntityMetadata): TablePart<never> {
  const columns = meta.props
    .filter(isColumn)
    .flatMap(({ persist, fieldNames }) => (persist === false ? [] : fieldNames))
    .map((name) => `\`row\`.${quoteName(name)}`);
  return { sql: `select ${columns.join(', ')} from ${quoteName(meta.tableName)} as \`row\``, params: [] };
}

function placeColumn(meta: EntityMetadata): string {
  return quoteName(columnNamed(meta, meta.primaryKeys[0] as string).column);
}
