import { type EntityMetadata, type EntityProperty, LockMode } from '@mikro-orm/core';
import { TandemError } from '../errors/tandem-error.ts';
import { fieldOf } from '../sources/names.ts';
import { dataOf, givenIn, type Input } from './input.ts';
import { noSuchRow } from './no-such-row.ts';
import { namingMissingParents } from './parents.ts';
import type { Transaction } from './transaction.ts';

/**
 * Changes the given columns of one row, in one statement, if the row still holds what is expected of it.
 *
 * @throws TandemError NOT_FOUND where the row is not there, CONFLICT where it holds something else
 */
export async function updateRow(
  transaction: Transaction,
  meta: EntityMetadata,
  key: number,
  input: Input,
  expected: Input,
): Promise<void> {
  const builder = transaction.em.createQueryBuilder(meta.class).update(dataOf(meta, input)).where({ key });
  for (const [column, value] of givenIn(meta, expected)) {
    // MySQL's own comparison takes "Anna" and "ANNÀ" for the same text.
    if (isText(column) && value !== null) {
      builder.andWhere('cast(?? as binary) = cast(? as binary)', [column.fieldNames[0], value]);
    } else builder.andWhere({ [column.name]: value });
  }
  const { affectedRows } = await namingMissingParents(transaction, meta, [{ input, path: 'input' }], () =>
    builder.execute('run'),
  );
  // Rows found, also where nothing in them changed: mysql2 sets CLIENT_FOUND_ROWS.
  if (affectedRows === 0) throw await whyNot(transaction, meta, key, expected);
}

/**
 * Why no row was changed. The UPDATE has locked the row or the gap where it would be, and this reads under a lock
 * too, so no other write can come between.
 */
async function whyNot({ em, source }: Transaction, meta: EntityMetadata, key: number, expected: Input) {
  const given = givenIn(meta, expected);
  const row = await em
    .createQueryBuilder(meta.class)
    .select(['key', ...given.map(([{ name }]) => name)] as never)
    .where({ key })
    .setLockMode(LockMode.PESSIMISTIC_WRITE)
    .execute<Input | undefined>('get');
  if (!row) return noSuchRow(source, meta, key);
  const fields = given
    .filter(([{ name }, value]) => row[name] !== value)
    .map(([column]) => ({
      path: `expected.${fieldOf(column)}`,
      message: 'differs from what the source holds',
    }));
  return new TandemError('CONFLICT', { source, fields });
}

function isText({ columnTypes: [type = ''] }: EntityProperty): boolean {
  return /^\w*(char|text)/i.test(type);
}
