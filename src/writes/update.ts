import { type EntityMetadata, type EntityProperty, LockMode, type RawQueryFragment } from '@mikro-orm/core';
import { codecOf } from '../column-types/column-types.ts';
import { withColumn } from '../column-types/with-column.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { propertyOf } from '../reads/properties.ts';
import { fieldOf } from '../sources/api-names.ts';
import { updateSql } from './change-sql.ts';
import { automaticData, dataOf, givenIn, type Input, parameterOf } from './input.ts';
import { noSuchRow } from './no-such-row.ts';
import { namingMissingParents } from './parents.ts';
import type { Transaction } from './transaction.ts';

/**
 * Changes the given columns of one row, in one statement, if the row still holds what is expected of it; without any, it locks the row.
 *
 * @throws TandemError NOT_FOUND where the row is not there, or not for the caller, CONFLICT where it holds something else
 */
export async function updateRow(
  transaction: Transaction,
  meta: EntityMetadata,
  key: number,
  input: Input,
  expected: Input,
): Promise<void> {
  const given = dataOf(meta, input);
  const isChange = Object.keys(given).length > 0;
  const data = isChange ? { ...automaticData(meta, 'onUpdate', given), ...given } : {};
  for (let attempt = 1; ; attempt++) {
    if (isChange && (await changes(transaction, meta, key, { input, data, expected }))) break;
    const fault = await faultOf(transaction, meta, key, expected);
    if (fault !== null) throw fault;
    if (!isChange) return;
    if (attempt === mostAttempts) throw new TandemError('CONFLICT', { source: transaction.source });
  }
  transaction.written?.push({
    operation: 'update',
    table: meta.tableName,
    keys: [key],
    columns: Object.keys(data).flatMap((name) => propertyOf(meta, name).fieldNames),
    meta,
  });
}

/** How often a row is changed that others change at the same time to what is expected of it, and back. */
const mostAttempts = 3;

/** A change, and what it sets. */
interface RowUpdate {
  readonly input: Input;
  readonly data: Readonly<Record<string, unknown>>;
  readonly expected: Input;
}

/** @returns whether the row is there and holds what is expected */
async function changes(
  transaction: Transaction,
  meta: EntityMetadata,
  key: number,
  { input, data, expected }: RowUpdate,
): Promise<boolean> {
  const condition = transaction.guard?.condition(meta, 'update', [key]);
  const conditions = givenIn(meta, expected).map(([column, value]) => holds(meta, column, value));
  const change = updateSql(meta, key, data, condition ? [condition, ...conditions] : conditions);
  const { affectedRows } = await namingMissingParents(transaction, meta, [{ input, path: 'input' }], () =>
    transaction.change(change),
  );
  return affectedRows > 0;
}

/**
 * Why no row was changed, or is not to be; null where nothing is against it. In a transaction an UPDATE has locked the row, or the gap where
 * it would be, and this locks it, too, so no other write can come between. Without one it can, and the row may have become what is expected.
 */
async function faultOf(
  { em, source, guard }: Transaction,
  meta: EntityMetadata,
  key: number,
  expected: Input,
): Promise<TandemError | null> {
  const given = givenIn(meta, expected);
  const builder = em
    .createQueryBuilder(meta.class)
    .select([
      'key',
      ...given.map(([column, value], at) => holds(meta, column, value).as(`holds${at}`)),
    ] as never)
    .where({ key })
    .setLockMode(LockMode.PESSIMISTIC_WRITE);
  const condition = guard?.condition(meta, 'update', [key]);
  if (condition) builder.andWhere(condition.sql, [...condition.params]);
  const row = await builder.execute<Input | undefined>('get');
  if (!row) return noSuchRow(source, meta, key);
  const fields = given
    .filter((_, at) => Number(row[`holds${at}`]) !== 1)
    .map(([column]) => ({
      path: `expected.${fieldOf(column)}`,
      message: 'differs from what the source holds',
    }));
  return fields.length === 0 ? null : new TandemError('CONFLICT', { source, fields });
}

/** That a column holds this very value: MySQL's own comparison takes "Anna" and "ANNÀ" for the same text. */
function holds(meta: EntityMetadata, { name, fieldNames }: EntityProperty, value: unknown): RawQueryFragment {
  const column = [fieldNames[0] as string];
  if (value === null) return withColumn('(?? is null)', column);
  const codec = codecOf(meta, name);
  const parameter = parameterOf(codec, value);
  return withColumn(`(${codec.exact ?? `?? = ${codec.operand}`})`, column, [parameter]);
}
