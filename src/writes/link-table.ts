import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { TandemError } from '../errors/tandem-error.ts';
import { type Link, linkOf } from '../reads/link.ts';
import { propertyOf } from '../reads/properties.ts';
import { quoteName } from '../sql/quote.ts';
import { insertSql } from './change-sql.ts';
import { automaticData, dataOf } from './input.ts';
import type { PlacedKey } from './link-changes.ts';
import { keysThere, noReferencedRow } from './parents.ts';
import { unreadableRow } from './readable-rows.ts';
import type { Transaction } from './transaction.ts';

/** A row of a many-to-many relation, and the one that it is to belong to. */
export interface NewLink extends PlacedKey {
  readonly owner: number;
}

/** Links of one owner. */
interface Links {
  readonly owner: number;
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
  const { source, guard, written } = transaction;
  const { meta, owner, rows } = link as Link & { rows: string };
  const isEntity = meta.pivotTable !== true;
  if (isEntity) guard?.check(meta, 'create');
  const known = await linksAmong(transaction, link, links);
  const twice = links.filter((each) => known.has(nameOf(each)));
  if (twice.length > 0) throw refused(transaction, 'DUPLICATE', twice, 'is connected to this row already');
  const presets = isEntity && guard !== null ? dataOf(meta, guard.withPresets(meta, 'create', {})) : {};
  const automatic = automaticData(meta, 'onCreate', presets);
  const data = links.map((each) => ({ ...automatic, ...presets, [owner]: each.owner, [rows]: each.key }));
  try {
    await transaction.change(insertSql(meta, data));
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
  const columns = [owner, rows].flatMap((name) => propertyOf(meta, name).fieldNames);
  const keys = links.map((each) =>
    Object.fromEntries([
      [columns[0], each.owner],
      [columns[1], each.key],
    ]),
  );
  written?.push({ operation: 'create', table: meta.tableName, keys, columns, meta: null });
  if (guard?.readable(meta) == null) return;
  const seen = await linksAmong(transaction, link, links, 'read');
  if (seen.size < new Set(links.map(nameOf)).size) throw unreadableRow(meta, source);
}

/** @throws TandemError NOT_FOUND that names each row that is not connected */
export async function removeLinks(
  transaction: Transaction,
  relation: EntityProperty,
  { owner: key, keys }: Links,
): Promise<void> {
  if (keys.length === 0) return;
  const { em, guard, written } = transaction;
  const link = linkOf(relation);
  const { meta, owner, rows } = link as Link & { rows: string };
  if (meta.pivotTable !== true) guard?.check(meta, 'delete');
  const links = keys.map((each) => ({ owner: key, ...each }));
  const known = await linksAmong(transaction, link, links, 'delete');
  const missing = links.filter((each) => !known.has(nameOf(each)));
  if (missing.length > 0) {
    const { className } = relation.targetMeta as EntityMetadata;
    throw refused(
      transaction,
      'NOT_FOUND',
      missing,
      `is the key of no ${className} that belongs to this row`,
    );
  }
  await em
    .createQueryBuilder(meta.class)
    .delete()
    .where({ [owner]: key, [rows]: { $in: keys.map((each) => each.key) } } as never)
    .execute('run');
  const [ownerColumn, rowsColumn] = [owner, rows].map((name) => propertyOf(meta, name).fieldNames[0]);
  const gone = keys.map((each) => ({ [ownerColumn as string]: key, [rowsColumn as string]: each.key }));
  written?.push({ operation: 'delete', table: meta.tableName, keys: gone, columns: [], meta: null });
}

const nameOf = ({ owner, key }: Pick<NewLink, 'owner' | 'key'>) => `${owner} ${key}`;

/**
 * Names of those links that are there.
 *
 * @param operation what the caller may do with them; absent: it does not matter
 */
async function linksAmong(
  { reads, guard }: Transaction,
  { meta, owner, rows }: Link,
  links: readonly NewLink[],
  operation?: 'read' | 'delete',
): Promise<ReadonlySet<string>> {
  const part = operation === undefined ? null : (guard?.rows(meta, operation) ?? null);
  const [ownerColumn, rowsColumn] = [owner, rows as string].map(
    (name) => `${quoteName('link')}.${quoteName(propertyOf(meta, name).fieldNames[0] as string)}`,
  );
  const from = part === null ? quoteName(meta.tableName) : `(${part.sql})`;
  const lock = part === null && operation === 'delete' ? ' for update' : '';
  const lists = [links.map((each) => each.owner), links.map(({ key }) => key)].map((keys) => [
    ...new Set(keys),
  ]);
  const [owners, keys] = lists.map((list) => list.map(() => '?').join(', '));
  const found = await reads.arrays({
    sql: `select ${ownerColumn}, ${rowsColumn} from ${from} as ${quoteName('link')} where ${ownerColumn} in (${owners}) and ${rowsColumn} in (${keys})${lock}`,
    params: [...(part?.params ?? []), ...lists.flat()],
  });
  const asked = new Set(links.map(nameOf));
  const names = found.map(([of, key]) => `${of} ${key}`);
  return new Set(names.filter((name) => asked.has(name)));
}

function refused(
  { source }: Transaction,
  code: 'DUPLICATE' | 'NOT_FOUND',
  links: readonly PlacedKey[],
  message: string,
): TandemError {
  return new TandemError(code, { source, fields: links.map(({ path }) => ({ path, message })) });
}
