import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { RowKey } from '../column-types/table-key.ts';
import { tableOf } from '../entities/table.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { propertyOf } from '../reads/entity-properties.ts';
import { type Link, linkOf } from '../reads/link.ts';
import { quoteName } from '../sql/quote.ts';
import { takenByDelete } from './cascaded-rows.ts';
import {
  automaticColumns,
  type ColumnValue,
  columnsOfForeignKey,
  columnValuesOf,
  conjunction,
} from './column-values.ts';
import { deleteRows } from './delete.ts';
import { insertColumns } from './insert-text.ts';
import { among, foreignKey, keyIn, ownKey, selected } from './key-columns.ts';
import type { PlacedKey } from './link-changes.ts';
import { keysThere, noReferencedRow } from './missing-parents.ts';
import { readableKeys, refusedRow, unreadableRow } from './readable-rows.ts';
import type { Transaction } from './transaction.ts';
import type { SqlPart } from './write-guard.ts';

/** A row of a many-to-many relation, and the one that it is to belong to. */
export interface NewLink extends PlacedKey {
  readonly owner: RowKey;
}

/** Links of one owner. */
interface Links {
  readonly owner: RowKey;
  readonly keys: readonly PlacedKey[];
}

/**
 * Adds rows to the table between, with one statement.
 *
 * @throws TandemError DUPLICATE that names each link that is there, NOT_FOUND that names each row that is not
 */
export async function insertLinks(
  transaction: Transaction,
  link: Link,
  links: readonly NewLink[],
): Promise<void> {
  if (links.length === 0) return;
  const { change, source, guard, written } = transaction;
  const { meta, owner, rows } = link as Link & { rows: string };
  const isEntity = isMapped(meta);
  if (isEntity) guard?.check(meta, 'create');
  // One that the caller does not see is none to it: where there may be one alone, the database refuses the other.
  const known = await linksAmong(transaction, link, links, { part: guard?.readable(meta) });
  const twice = links.filter((each) => known.has(nameOf(each)));
  if (twice.length > 0) throw refused(transaction, 'DUPLICATE', twice, 'is connected to this row already');
  const presets = isEntity && guard !== null ? guard.withPresets(meta, 'create', {}) : {};
  const inserted = links.map((each) => {
    const given = isEntity ? columnValuesOf(meta, presets).columns : new Map<string, ColumnValue>();
    const made = automaticColumns(meta, 'onCreate', given);
    const ofBoth = [each.owner, each.key].map((key, at) =>
      columnsOfForeignKey(meta, propertyOf(meta, at === 0 ? owner : rows), key),
    );
    const columns = [...made, ...given.values(), ...ofBoth.flat()];
    return new Map(columns.map((column) => [column.column, column]));
  });
  const { change: insert } = insertColumns(meta, inserted);
  try {
    await change(insert);
  } catch (error) {
    if ((error as { errno?: number }).errno !== noReferencedRow) throw error;
    const target = propertyOf(meta, rows).targetMeta as EntityMetadata;
    const there = await keysThere(
      transaction,
      target,
      links.map(({ key }) => key),
    );
    const missing = links.filter(({ key }) => !there.has(key));
    if (missing.length === 0) throw error;
    throw refused(transaction, 'NOT_FOUND', missing, `is the key of no ${target.className}`);
  }
  const columns = [...new Set([owner, rows].flatMap((name) => propertyOf(meta, name).fieldNames))];
  const keys = links.map((each) => recorded(meta, link, each));
  written?.push({ operation: 'create', table: meta.tableName, keys, columns, meta: null });
  if (!isEntity || guard === null) return;
  const made = new Set(links.map(nameOf)).size;
  const readable = guard.readable(meta);
  if (readable !== null && (await linksAmong(transaction, link, links, { part: readable })).size < made)
    throw unreadableRow(meta, source);
  const allowed = guard.becoming(meta, 'create');
  if (allowed !== null && (await linksAmong(transaction, link, links, { part: allowed })).size < made)
    throw refusedRow(meta, source);
}

/**
 * Takes rows out of the table between: those of an entity as its rows are deleted, for the caller, too.
 *
 * @throws TandemError NOT_FOUND that names each row that is not connected
 */
export async function removeLinks(
  transaction: Transaction,
  relation: EntityProperty,
  { owner: key, keys }: Links,
): Promise<void> {
  if (keys.length === 0) return;
  const { change, guard, written } = transaction;
  const link = linkOf(relation);
  const { meta, owner, rows } = link as Link & { rows: string };
  if (isMapped(meta)) guard?.check(meta, 'delete');
  const links = keys.map((each) => ({ owner: key, ...each }));
  const part = guard?.rows(meta, 'delete');
  const known = await linksAmong(transaction, link, links, { part, lock: ' for update' });
  const target = relation.targetMeta as EntityMetadata;
  // A row that the caller may not read is connected to nothing.
  const readable = await readableKeys(
    transaction,
    target,
    keys.map((each) => each.key),
  );
  const missing = links.filter((each) => !known.has(nameOf(each)) || readable?.has(each.key) === false);
  if (missing.length > 0) {
    const { className } = target;
    throw refused(
      transaction,
      'NOT_FOUND',
      missing,
      `is the key of no ${className} that belongs to this row`,
    );
  }
  const [first, ...more] = [...known.values()].flat();
  if (first !== undefined) {
    await deleteRows(transaction, meta, [first, ...more]);
    return;
  }
  const { sql, params } = conjunction([
    among(foreignKey(meta, owner), [key]),
    among(
      foreignKey(meta, rows),
      keys.map((each) => each.key),
    ),
  ]);
  const taken = await takenByDelete(transaction, meta, { sql, params });
  await change({ sql: `delete from ${quoteName(meta.tableName)} where ${sql}`, params });
  const gone = links.map((each) => recorded(meta, link, each));
  written?.push(
    { operation: 'delete', table: meta.tableName, keys: gone, columns: [], meta: null },
    ...taken,
  );
}

/** A link as the audit trail names it: by its columns. */
function recorded(meta: EntityMetadata, { owner, rows }: Link, { owner: of, key }: NewLink): object {
  const columns = [
    ...columnsOfForeignKey(meta, propertyOf(meta, owner), of),
    ...columnsOfForeignKey(meta, propertyOf(meta, rows as string), key),
  ];
  return Object.fromEntries(columns.map(({ column, value }) => [column, value]));
}

/** Whether an entity of the API maps the table between: to the ORM, each is one. */
const isMapped = (meta: EntityMetadata) => tableOf(meta.class as never) !== undefined;

const nameOf = ({ owner, key }: Pick<NewLink, 'owner' | 'key'>) => `${owner} ${key}`;

/**
 * Those links that are there, by their names, with the keys of their rows where these are an entity's.
 *
 * @param part the rows of the table between that count; null: all of them
 * @param lock what locks them where all of them count
 */
async function linksAmong(
  { reads }: Transaction,
  { meta, owner, rows }: Link,
  links: readonly NewLink[],
  { part = null, lock = '' }: { readonly part?: SqlPart | null | undefined; readonly lock?: string } = {},
): Promise<ReadonlyMap<string, readonly RowKey[]>> {
  const ofOwner = foreignKey(meta, owner, 'link');
  const ofRows = foreignKey(meta, rows as string, 'link');
  const own = isMapped(meta) ? ownKey(meta, 'link') : null;
  const columns = [ofOwner, ofRows, ...(own === null ? [] : [own])];
  const from = part === null ? quoteName(meta.tableName) : `(${part.sql})`;
  const { sql, params } = conjunction([
    among(ofOwner, [...new Set(links.map((each) => each.owner))]),
    among(ofRows, [...new Set(links.map(({ key }) => key))]),
  ]);
  const found = await reads.arrays({
    sql: `select ${columns.map(selected).join(', ')} from ${from} as ${quoteName('link')} where ${sql}${part === null ? lock : ''}`,
    params: [...(part?.params ?? []), ...params] as SqlPart['params'],
  });
  const asked = new Set(links.map(nameOf));
  const there = new Map<string, RowKey[]>();
  for (const values of found) {
    const behindOwner = values.slice(ofOwner.columns.length);
    const name = nameOf({ owner: keyIn(ofOwner, values), key: keyIn(ofRows, behindOwner) });
    if (!asked.has(name)) continue;
    const keys = own === null ? [] : [keyIn(own, behindOwner.slice(ofRows.columns.length))];
    there.set(name, [...(there.get(name) ?? []), ...keys]);
  }
  return there;
}

function refused(
  { source }: Transaction,
  code: 'DUPLICATE' | 'NOT_FOUND',
  links: readonly PlacedKey[],
  message: string,
): TandemError {
  return new TandemError(code, { source, fields: links.map(({ path }) => ({ path, message })) });
}
