import { type EntityMetadata, ReferenceKind } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/mysql';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { propertyOf } from './entity-properties.ts';

interface Flags {
  readonly name: string;
  readonly index?: unknown;
  readonly unique?: unknown;
  readonly owner?: boolean;
  readonly kind?: ReferenceKind;
}

/** A part of an index. */
export interface IndexedColumn {
  /** Its name in SQL. */
  readonly column: string;
  readonly descending: boolean;
  /** Whether the index has the beginning of its values alone: it finds such values, and has no order of them. */
  readonly inPart: boolean;
}

/** An index as the decorators say it. */
type Declared = Pick<EntityMetadata['indexes'][number], 'properties' | 'columns' | 'type' | 'invisible'>;

/** The columns of each index that finds values; of a table with a primary key, that is the first. */
export const indexesOf = memoizeWeak((meta: EntityMetadata): readonly (readonly IndexedColumn[])[] => {
  const whole = (names: readonly string[]) =>
    names
      .flatMap((name) => propertyOf(meta, name)?.fieldNames ?? [name])
      .map((column) => ({ column, descending: false, inPart: false }));
  const properties = Object.values(meta.properties as unknown as Record<string, Flags>);
  // InnoDB makes an index for a foreign key that has none.
  const flagged = properties.filter(
    ({ index, unique, kind, owner }) =>
      index || unique || kind === ReferenceKind.MANY_TO_ONE || (kind === ReferenceKind.ONE_TO_ONE && owner),
  );
  const declared = [...meta.indexes, ...meta.uniques] as readonly Declared[];
  return [
    ...(primaryKeyOf(meta).isNone ? [] : [whole(meta.primaryKeys as string[])]),
    ...declared.filter(isBTree).map(({ properties: of, columns }) =>
      columns === undefined
        ? whole([of ?? []].flat() as string[])
        : columns.map(({ name, sort, length }) => ({
            column: propertyOf(meta, name)?.fieldNames?.[0] ?? name,
            descending: sort?.toUpperCase() === 'DESC',
            inPart: length !== undefined,
          })),
    ),
    ...flagged.map(({ name }) => whole([name])),
  ];
});

/** Indexes of words and of places have no order, and MySQL uses no invisible one. */
function isBTree({ type, invisible }: Declared): boolean {
  return invisible !== true && !/fulltext|spatial/i.test(type ?? '');
}

/** The names in SQL of the indexes that begin with some columns; a server may have others. */
export function indexNamesOf(
  em: SqlEntityManager,
  meta: EntityMetadata,
  columns: readonly string[],
): string[] {
  const naming = em.config.getNamingStrategy();
  const columnsOf = (names: unknown) =>
    [names ?? []].flat().flatMap((name) => propertyOf(meta, name as string)?.fieldNames ?? [name as string]);
  const isOf = (names: readonly string[]) =>
    columns.every((column) => names.slice(0, columns.length).includes(column));
  const declared = [...meta.indexes, ...meta.uniques] as readonly (Declared & { readonly name?: string })[];
  const flagged = meta.props.filter(({ fieldNames }) => fieldNames !== undefined && isOf(fieldNames));
  const names = [
    ...(isOf(columnsOf(meta.primaryKeys)) ? ['PRIMARY'] : []),
    ...declared
      .filter(
        (each) =>
          isBTree(each) &&
          isOf(each.columns?.flatMap(({ name }) => columnsOf(name)) ?? columnsOf(each.properties)),
      )
      .flatMap(({ name }) => name ?? []),
    ...flagged.flatMap(({ index, unique, foreignKeyName, fieldNames }) => [
      typeof index === 'string' ? index : naming.indexName(meta.tableName, fieldNames, 'index'),
      typeof unique === 'string' ? unique : naming.indexName(meta.tableName, fieldNames, 'unique'),
      // InnoDB's own has the name of the foreign key.
      foreignKeyName ?? naming.indexName(meta.tableName, fieldNames, 'foreign'),
    ]),
  ];
  return [...new Set(names)].filter((name) => /^[\w$]+$/.test(name));
}
