import { type EntityProperty, ReferenceKind } from '@mikro-orm/core';
import type { QueryBuilder, SqlEntityManager } from '@mikro-orm/mysql';
import type { SourceName } from '../source-name.ts';
import { globalId } from './global-id.ts';
import type { Selection } from './selection.ts';

/** A plain row: properties by their names in the API, relations as nested rows. */
export type Row = Record<string, unknown> & { key: number; source: SourceName };

type Builder = QueryBuilder<Record<string, unknown>>;

/**
 * Reads rows with one statement, then each relation asked for with one more, whatever the number of rows.
 *
 * @param narrow adds WHERE, ORDER BY and LIMIT
 * @param needed columns that the caller needs besides those asked for
 */
export async function fetchRows(
  em: SqlEntityManager,
  source: SourceName,
  selection: Selection,
  narrow: (builder: Builder) => void,
  needed: readonly string[] = [],
): Promise<Row[]> {
  const { meta, columns, relations } = selection;
  const owned = [...relations.keys()].filter((name) => isToOne(propertyOf(selection, name)));
  const builder = em.createQueryBuilder(meta.class) as unknown as Builder;
  builder.select([...new Set(['key', ...needed, ...columns, ...owned])] as never);
  narrow(builder);
  const rows = await builder.execute<Row[]>('all');
  for (const row of rows) complete(row, source, selection);
  if (rows.length > 0) {
    await Promise.all(
      [...relations].map(([name, child]) => {
        const property = propertyOf(selection, name);
        return isToOne(property)
          ? attachParents(em, source, rows, name, child)
          : attachChildren(em, source, rows, property, child);
      }),
    );
  }
  return rows;
}

/** To-one: rows hold the parent's key under `name`; it is replaced by the parent's row. */
async function attachParents(
  em: SqlEntityManager,
  source: SourceName,
  rows: readonly Row[],
  name: string,
  selection: Selection,
): Promise<void> {
  const keys = [...new Set(rows.map((row) => row[name] as number | null))].filter((key) => key !== null);
  const parents = isKeyAlone(selection)
    ? keys.map((key) => complete({ key }, source, selection))
    : await fetchRows(em, source, selection, (builder) => builder.where({ key: { $in: keys } } as never));
  const byKey = new Map(parents.map((parent) => [parent.key, parent]));
  for (const row of rows) row[name] = byKey.get(row[name] as number) ?? null;
}

/** Whether the foreign key tells all that is asked of the row it points to. */
function isKeyAlone({ columns, relations }: Selection): boolean {
  return relations.size === 0 && [...columns].every((column) => column === 'key');
}

/** To-many: the children of all rows at once, in the order that the entity gives, put under each row. */
async function attachChildren(
  em: SqlEntityManager,
  source: SourceName,
  rows: readonly Row[],
  property: EntityProperty,
  selection: Selection,
): Promise<void> {
  const owner = property.mappedBy as string;
  const children = await fetchRows(
    em,
    source,
    selection,
    (builder) => {
      builder.where({ [owner]: { $in: rows.map(({ key }) => key) } } as never);
      builder.orderBy(property.orderBy as never);
    },
    [owner],
  );
  const lists = new Map<unknown, Row[]>(rows.map((row) => [row.key, []]));
  for (const child of children) lists.get(ownerKey(child[owner]))?.push(child);
  for (const row of rows) row[property.name] = lists.get(row.key);
}

/** Adds what is no column. */
function complete(row: { key: number }, source: SourceName, { id, meta }: Selection): Row {
  const completed = row as Row;
  completed.source = source;
  if (id) completed.id = globalId(source, meta.className, row.key);
  return completed;
}

/** The owner's key: itself, or inside the owner's row where that was asked for and attached already. */
function ownerKey(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as Row).key : value;
}

function propertyOf({ meta }: Selection, name: string): EntityProperty {
  return meta.properties[name] as unknown as EntityProperty;
}

function isToOne({ kind }: EntityProperty): boolean {
  return kind === ReferenceKind.MANY_TO_ONE || kind === ReferenceKind.ONE_TO_ONE;
}
