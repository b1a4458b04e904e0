import type { EntityMetadata } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyFromApi, type RowKey } from '../column-types/table-key.ts';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import { storedKey } from '../reads/bound-key.ts';
import { tuple } from '../reads/condition-to-sql.ts';
import { fieldOf } from '../sources/api-names.ts';
import { quoteName } from '../sql/quote.ts';
import type { Condition } from './column-values.ts';
import { childInputs, childrenOf, type PlacedInput, writableColumnsOf } from './input-fields.ts';
import { among, type KeyColumns, keyIn, ownKey, selected } from './key-columns.ts';
import type { PlacedKey } from './link-changes.ts';
import type { ChangedRows, Transaction } from './transaction.ts';
import type { SqlPart } from './write-guard.ts';

/**
 * Sees to it that inputs refer to rows only that the caller may read. A row that it may not read is refused as one that is not there.
 *
 * @throws TandemError NOT_FOUND that names each input
 */
export async function requireReadableParents(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
): Promise<void> {
  const fields = await unreadableParents(transaction, meta, rows);
  if (fields.length > 0) throw new TandemError('NOT_FOUND', { source: transaction.source, fields });
}

async function unreadableParents(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
): Promise<FieldProblem[]> {
  const fields: FieldProblem[] = [];
  for (const relation of writableColumnsOf(meta)) {
    const parent = relation.targetMeta;
    if (parent === undefined) continue;
    const field = fieldOf(relation);
    const named = rows
      .filter(({ input }) => input[field] != null)
      .map(({ input, path }) => ({
        key: storedKey(parent, keyFromApi(primaryKeyOf(parent), input[field])),
        path: `${path}.${field}`,
      }));
    fields.push(...(await unreadableKeys(transaction, parent, named)));
  }
  for (const { relation, of } of childrenOf(meta)) {
    const children = rows.flatMap((row) => childInputs(row, relation));
    if (children.length > 0) fields.push(...(await unreadableParents(transaction, of, children)));
  }
  return fields;
}

/** The same for keys of rows that are to be connected. */
export async function requireReadableRows(
  transaction: Transaction,
  meta: EntityMetadata,
  placed: readonly PlacedKey[],
): Promise<void> {
  const fields = await unreadableKeys(transaction, meta, placed);
  if (fields.length > 0) throw new TandemError('NOT_FOUND', { source: transaction.source, fields });
}

async function unreadableKeys(
  transaction: Transaction,
  meta: EntityMetadata,
  placed: readonly PlacedKey[],
): Promise<FieldProblem[]> {
  const readable = await readableKeys(
    transaction,
    meta,
    placed.map(({ key }) => key),
  );
  if (readable === null) return [];
  return placed
    .filter(({ key }) => !readable.has(key))
    .map(({ path }) => ({ path, message: `is the key of no ${meta.className}` }));
}

/** Those of some keys whose rows the caller may read; null: it may read all rows of the table. */
export async function readableKeys(
  { reads, guard }: Transaction,
  meta: EntityMetadata,
  given: readonly RowKey[],
): Promise<ReadonlySet<RowKey> | null> {
  const readable = guard?.readable(meta) ?? null;
  if (readable === null || given.length === 0) return null;
  const columns = ownKey(meta, 'h');
  const { sql, params } = among(columns, [...new Set(given)]);
  const there = await reads.arrays({
    sql: `select ${selected(columns)} from (${readable.sql}) as \`h\` where ${sql}`,
    params: [...readable.params, ...params] as SqlPart['params'],
  });
  return new Set(there.map((values) => keyIn(columns, values)));
}

/**
 * That columns hold the key of a row which the caller may read. Within the statement that reads them: one more would tell a hidden row
 * from none by its time.
 *
 * @param columns under the name of their table
 * @returns null: it may read all rows of the table
 */
export function readableKeyIn({ guard }: Transaction, { of, columns }: KeyColumns): Condition | null {
  const readable = guard?.readable(of) ?? null;
  if (readable === null) return null;
  // No table has this name.
  const alias = 'readable:';
  const [own, held] = [ownKey(of, alias), { columns }].map((key) => tuple(key.columns.map(({ sql }) => sql)));
  return {
    sql: `exists (select 1 from (${readable.sql}) as ${quoteName(alias)} where ${own} = ${held})`,
    params: readable.params,
  };
}

/**
 * Sees to it that the rows which were written are ones that the caller may read, and may make what they became.
 *
 * @param own those that the operation is about, of which the payload tells
 * @throws TandemError FORBIDDEN
 */
export async function requirePermittedWrites(transaction: Transaction, own: OwnRows): Promise<void> {
  await requireReadableWrites(transaction, own);
  await requireAllowedWrites(transaction, own);
}

type OwnRows = Pick<ChangedRows, 'meta' | 'operation' | 'keys'>;

/**
 * Sees to it that the rows which were written are ones that the caller's permissions let them become.
 *
 * @param own those that the operation is about: a change along a relation alone writes rows of another table, and changes what belongs to them
 * @throws TandemError FORBIDDEN
 */
async function requireAllowedWrites(
  { reads, guard, source, written }: Transaction,
  own: OwnRows,
): Promise<void> {
  const isOwn = ({ meta, operation }: typeof own) => meta === own.meta && operation === own.operation;
  for (const { meta, operation, keys } of [own, ...(written ?? [])]) {
    if (meta === null || operation === 'delete' || keys.length === 0) continue;
    // Those are looked at first.
    if (keys !== own.keys && isOwn({ meta, operation, keys }) && keys.every((key) => own.keys.includes(key)))
      continue;
    const allowed = guard?.becoming(meta, operation) ?? null;
    if (allowed === null) continue;
    const { sql, params } = among(ownKey(meta, 'h'), keys as readonly RowKey[]);
    const [[count] = []] = await reads.arrays({
      sql: `select count(*) from (${allowed.sql}) as \`h\` where ${sql}`,
      params: [...allowed.params, ...params] as SqlPart['params'],
    });
    if (Number(count) === new Set(keys).size) continue;
    throw refusedRow(meta, source);
  }
}

/** The rule for rows as they become does not hold for one. */
export function refusedRow(
  { className }: Pick<EntityMetadata, 'className'>,
  source: Transaction['source'],
): TandemError {
  return new TandemError('FORBIDDEN', {
    source,
    message: `You may not make a ${className} what this change makes it.`,
  });
}

/**
 * Sees to it that the caller may read the rows that were written besides its own; of these, the payload tells.
 *
 * @throws TandemError FORBIDDEN
 */
async function requireReadableWrites(transaction: Transaction, { meta, keys }: OwnRows): Promise<void> {
  for (const { meta: of, operation, keys: written } of transaction.written ?? []) {
    if (of === null || operation === 'delete') continue;
    const others = (written as readonly RowKey[]).filter((key) => of !== meta || !keys.includes(key));
    const unreadable = await unreadableKeys(
      transaction,
      of,
      others.map((key) => ({ key, path: '' })),
    );
    if (unreadable.length > 0) throw unreadableRow(of, transaction.source);
  }
}

/** The role could not see what it has written, and could so put rows where it sees none. */
export function unreadableRow(
  { className }: Pick<EntityMetadata, 'className'>,
  source: Transaction['source'],
): TandemError {
  return new TandemError('FORBIDDEN', {
    source,
    message: `You may not write a ${className} that you may not read.`,
  });
}
