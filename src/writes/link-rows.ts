import { type EntityMetadata, type EntityProperty, LockMode } from '@mikro-orm/core';
import { TandemError } from '../errors/tandem-error.ts';
import { linkOf } from '../reads/link.ts';
import { propertyOf } from '../reads/properties.ts';
import { automaticData, type PlacedInput } from './input.ts';
import { foreignKeyOf, linkChangesOf, type PlacedKey } from './link-changes.ts';
import { insertLinks, type NewLink, removeLinks } from './link-table.ts';
import { requireReadableRows } from './readable-rows.ts';
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
  keys: readonly number[],
): Promise<void> {
  const added = new Map<EntityProperty, NewLink[]>();
  for (const [at, row] of rows.entries()) {
    const owner = keys[at] as number;
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

/** The row that belongs to another along a one-to-one relation, where it can do without, and is not to belong to it. */
async function othersOf(
  { em }: Transaction,
  { meta, foreignKey: { name, nullable } }: Referring,
  owner: number,
  connect: readonly PlacedKey[],
): Promise<PlacedKey[]> {
  // One that has to belong to some row stays, and the database refuses a second one.
  if (nullable !== true) return [];
  const rows = await em
    .createQueryBuilder(meta.class as new () => { key: number })
    .select('key')
    .where({ [name]: owner } as never)
    .setLockMode(LockMode.PESSIMISTIC_WRITE)
    .execute<{ key: number }[]>('all');
  const others = rows.filter(({ key }) => connect.every((other) => other.key !== key));
  return others.map(({ key }) => ({ key, path: '' }));
}

/** Sets the foreign key of rows, if they are there, and refer to `from`. */
async function pointTo(
  transaction: Transaction,
  { meta, foreignKey: { name, fieldNames } }: Referring,
  { from, to }: { readonly from?: number; readonly to: number | null },
  placed: readonly PlacedKey[],
): Promise<void> {
  if (placed.length === 0) return;
  const { em, source, guard, written } = transaction;
  guard?.check(meta, 'update');
  const keys = placed.map(({ key }) => key);
  const rows = em
    .createQueryBuilder(meta.class as new () => { key: number })
    .select('key')
    .where({ key: { $in: keys }, ...(from !== undefined && { [name]: from }) } as never)
    .setLockMode(LockMode.PESSIMISTIC_WRITE);
  const among = guard?.condition(meta, 'update', keys) ?? null;
  if (among !== null) rows.andWhere(among.sql, [...among.params]);
  const there = new Set((await rows.execute<{ key: number }[]>('all')).map(({ key }) => key));
  const missing = placed.filter(({ key }) => !there.has(key));
  if (missing.length > 0) {
    const message = `is the key of no ${meta.className}${from === undefined ? '' : ' that belongs to this row'}`;
    throw new TandemError('NOT_FOUND', { source, fields: missing.map(({ path }) => ({ path, message })) });
  }
  const data = automaticData(meta, 'onUpdate', {});
  const columns = [
    ...fieldNames,
    ...Object.keys(data).flatMap((other) => propertyOf(meta, other).fieldNames),
  ];
  await em
    .createQueryBuilder(meta.class)
    .update({ ...data, [name]: to } as never)
    .where({ key: { $in: keys } } as never)
    .execute('run');
  written?.push({ operation: 'update', table: meta.tableName, keys, columns, meta });
}
