import type { EntityMetadata, EntityProperty, MetadataStorage } from '@mikro-orm/core';
import { columnNamed, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { fieldsOf } from '../column-types/entity-fields.ts';
import { quoteName } from '../sql/quote.ts';
import type { TablePart } from '../sql/replace-tables.ts';
import { isColumn, propertyOf } from './entity-properties.ts';
import { indexesOf } from './indexes.ts';

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
 * A foreign key that refers to a hidden row counts as null, as the API shows it: the digest would tell to those who guess which row it is.
 *
 * @param properties those of which the digest is made
 * @param rows the rows that are numbered, with the columns of the properties
 * @param seenOf the rows of a table that can be seen; undefined where all can
 */
export function withPlaces<Q>(
  meta: EntityMetadata,
  properties: ReadonlySet<string>,
  rows: TablePart<Q>,
  seenOf: (meta: EntityMetadata) => TablePart<Q> | undefined,
): TablePart<Q> {
  const shown = fieldsOf(meta.class as never)
    .map(({ name }) => propertyOf(meta, name))
    .filter((property) => properties.has(property.name) && isColumn(property));
  const hiding = shown.flatMap((property) => {
    const seen = property.targetMeta && seenOf(property.targetMeta);
    return seen === undefined ? [] : [{ property, seen }];
  });
  const isSeen = (property: EntityProperty) =>
    hiding.some((each) => each.property === property) ? `\`of\`.${seenColumn(property)}` : null;
  const columns = shown.flatMap((property) => {
    const names = property.targetMeta === undefined ? [property.name] : foreignColumnsOf(property);
    return names.map((name) => ({ ...columnNamed(meta, name), seen: isSeen(property) }));
  });
  const parts = columns.map(({ column, codec, seen }) => {
    const value = codec.select.replaceAll('??', () => `\`of\`.${quoteName(column)}`);
    return `ifnull(sha2(${seen === null ? value : `if(${seen}, ${value}, null)`}, 256), '-')`;
  });
  const digest = `sha2(concat(${["''", ...parts].join(', ')}), 256)`;
  const known = new Set(columns.flatMap(({ column, seen }) => (seen === null ? [column] : [])));
  const leading = new Set(
    indexesOf(meta).flatMap(([first]) => (first && known.has(first.column) ? [first.column] : [])),
  );
  const by = [...[...leading].map((name) => `\`of\`.${quoteName(name)}`), digest];
  const place = `concat(${digest}, '-', row_number() over (partition by ${by.join(', ')}))`;
  const from = hiding.length === 0 ? rows : withSeen(rows, hiding);
  return {
    sql: `select \`of\`.*, ${place} as ${placeColumn(meta)} from (${from.sql}) as \`of\``,
    params: from.params,
  };
}

/** Rows with a column for each relation that says whether the row that it refers to can be seen. */
function withSeen<Q>(
  rows: TablePart<Q>,
  hiding: readonly { readonly property: EntityProperty; readonly seen: TablePart<Q> }[],
): TablePart<Q> {
  const columns = hiding.map(({ property, seen }) => {
    const refers = property.joinColumns.map(
      (column, at) =>
        `\`seen\`.${quoteName(property.referencedColumnNames[at] as string)} = \`own\`.${quoteName(column)}`,
    );
    return `exists (select 1 from (${seen.sql}) as \`seen\` where ${refers.join(' and ')}) as ${seenColumn(property)}`;
  });
  return {
    sql: `select \`own\`.*, ${columns.join(', ')} from (${rows.sql}) as \`own\``,
    params: [...hiding.flatMap(({ seen }) => seen.params), ...rows.params],
  };
}

/** No column is called so. */
const seenColumn = ({ name }: EntityProperty) => quoteName(`seen:${name}`);

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
