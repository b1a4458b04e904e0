import type { EntityMetadata } from '@mikro-orm/core';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import { fieldOf } from '../sources/api-names.ts';
import { childInputs, childrenOf, type PlacedInput, writableColumnsOf } from './input.ts';
import type { Transaction } from './transaction.ts';

const idOf = (meta: EntityMetadata) => meta.properties.key?.fieldNames[0] as string;
const marks = (list: readonly unknown[]) => list.map(() => '?').join(', ');

/**
 * Sees to it that inputs refer to rows only that the caller may read. What it may not read is refused as what is not there.
 *
 * @throws TandemError NOT_FOUND that names each input
 */
export async function requireReadableParents(
  { reads, source, guard }: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
): Promise<void> {
  const fields: FieldProblem[] = [];
  for (const relation of writableColumnsOf(meta)) {
    const parent = relation.targetMeta;
    const readable = parent && guard?.readable(parent);
    if (parent === undefined || readable == null) continue;
    const field = fieldOf(relation);
    const named = rows.filter(({ input }) => input[field] != null);
    const keys = [...new Set(named.map(({ input }) => input[field] as number))];
    if (keys.length === 0) continue;
    const id = idOf(parent);
    const there = await reads.arrays({
      sql: `select \`h\`.\`${id}\` from (${readable.sql}) as \`h\` where \`h\`.\`${id}\` in (${marks(keys)})`,
      params: [...readable.params, ...keys],
    });
    const found = new Set(there.map(([key]) => key));
    for (const { input, path } of named) {
      if (!found.has(input[field]))
        fields.push({ path: `${path}.${field}`, message: `is the key of no ${parent.className}` });
    }
  }
  if (fields.length > 0) throw new TandemError('NOT_FOUND', { source, fields });
}

/**
 * Sees to it that the children which were written with new rows are ones that the caller may read; of the rows themselves, the payload
 * tells.
 *
 * @param keys of the new rows, which have no other children
 * @throws TandemError FORBIDDEN
 */
export async function requireReadableChildren(
  { reads, source, guard }: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  keys: readonly number[],
): Promise<void> {
  for (const { relation, of } of childrenOf(meta)) {
    const count = rows.reduce((sum, row) => sum + childInputs(row, relation).length, 0);
    const readable = guard?.readable(of);
    if (count === 0 || readable == null) continue;
    const owner = of.properties[relation.mappedBy as never] as never as EntityMetadata['props'][number];
    const [[found] = []] = await reads.arrays({
      sql: `select count(*) from (${readable.sql}) as \`h\` where \`h\`.\`${owner.fieldNames[0]}\` in (${marks(keys)})`,
      params: [...readable.params, ...keys],
    });
    if (Number(found) !== count) throw unreadableRow(of, source);
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
