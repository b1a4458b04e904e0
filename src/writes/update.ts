import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyFromApi, type RowKey } from '../column-types/table-key.ts';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import { storedKey } from '../reads/bound-key.ts';
import { isColumn } from '../reads/entity-properties.ts';
import { fieldOf } from '../sources/api-names.ts';
import type { ReadStatement } from '../sources/transaction.ts';
import { quoteName } from '../sql/quote.ts';
import { takenByUpdate } from './cascaded-rows.ts';
import {
  assignments,
  automaticColumns,
  type ColumnValue,
  type Condition,
  columnsOf,
  columnsOfForeignKey,
  columnsOfKey,
  columnValuesOf,
  conflictProblems,
  conjunction,
  hasKey,
  haveValues,
  withText,
} from './column-values.ts';
import { givenIn, hasNoFields, type Input, inputFieldsOf } from './input-fields.ts';
import { foreignKey, keyIn, selected } from './key-columns.ts';
import { namingMissingParents } from './missing-parents.ts';
import { noSuchRow } from './no-such-row.ts';
import { readableKeyIn, readableKeys } from './readable-rows.ts';
import type { Transaction } from './transaction.ts';

/**
 * Changes the given columns of one row, in one statement, if the row still holds what is expected of it; without any, it locks the row.
 *
 * @throws TandemError NOT_FOUND where the row is not there, or not for the caller, CONFLICT where it holds something else
 */
export async function updateRow(
  transaction: Transaction,
  meta: EntityMetadata,
  key: RowKey,
  input: Input,
  expected: Input,
): Promise<void> {
  const given = changedBy(transaction, meta, key, input);
  const isChange = given.size > 0;
  const changed = isChange ? [...automaticColumns(meta, 'onUpdate', given), ...given.values()] : [];
  const columns = changed.map(({ column }) => column);
  const expectations = [
    ...agreementsOf(meta, input, given),
    ...(hasNoFields(expected) ? [] : await expectationsOf(transaction, meta, key, expected)),
  ];
  const taken = transaction.foreignKeys && (await takenByUpdate(transaction, meta, { keys: [key], columns }));
  for (let attempt = 1; ; attempt++) {
    if (isChange && (await changes(transaction, meta, key, { input, changed, expectations }))) break;
    const fault = await faultOf(transaction, meta, key, expectations);
    if (fault !== null) throw fault;
    if (!isChange) return;
    if (attempt === mostAttempts) throw new TandemError('CONFLICT', { source: transaction.source });
  }
  transaction.written?.push(
    { operation: 'update', table: meta.tableName, keys: [key], columns, meta },
    ...(taken === null ? [] : await taken()),
  );
}

/**
 * The columns that an input gives. A row keeps its key, also where a foreign key shares a column with it.
 *
 * @throws TandemError BAD_USER_INPUT where the foreign key wants another value for it
 */
function changedBy(
  { source }: Transaction,
  meta: EntityMetadata,
  key: RowKey,
  input: Input,
): ReadonlyMap<string, ColumnValue> {
  const { sharesColumns, giveKey } = inputFieldsOf(meta);
  if (!sharesColumns && !giveKey) return columnValuesOf(meta, input).columns;
  const ofKey = columnsOfKey(meta, key);
  const values = columnValuesOf(meta, input, ofKey);
  const fields = conflictProblems(values, 'input');
  if (fields.length > 0) throw new TandemError('BAD_USER_INPUT', { source, fields });
  const changed = new Map(values.columns);
  for (const { column } of ofKey) changed.delete(column);
  return changed;
}

/** How often a row is changed that others change at the same time to what is expected of it, and back. */
const mostAttempts = 3;

/** A change, and what it sets. */
interface RowUpdate {
  readonly input: Input;
  readonly changed: readonly ColumnValue[];
  readonly expectations: readonly Expectation[];
}

/** @returns whether the row is there and holds what is expected */
function changes(
  transaction: Transaction,
  meta: EntityMetadata,
  key: RowKey,
  { input, changed, expectations }: RowUpdate,
): Promise<boolean> {
  const { change, guard } = transaction;
  const set = assignments(changed);
  const where = conjunction([
    hasKey(meta, key),
    guard?.condition(meta, 'update', [key]),
    ...expectations.map(({ condition }) => condition),
  ]);
  const sql = `update ${quoteName(meta.tableName)} set ${set.sql} where ${where.sql}`;
  return change({ sql, params: [...set.params, ...where.params] }).then(
    // Rows found, also where nothing in them changed: mysql2 sets CLIENT_FOUND_ROWS.
    ({ affectedRows }) => affectedRows > 0,
    async (error) => {
      throw await namingMissingParents(transaction, meta, [{ input, path: 'input' }], error);
    },
  );
}

/**
 * Why no row was changed, or is not to be; null where nothing is against it. In a transaction an UPDATE has locked the row, or the gap where
 * it would be, and this locks it, too, so no other write can come between. Without one it can, and the row may have become what is expected.
 */
async function faultOf(
  { em, source, guard }: Transaction,
  meta: EntityMetadata,
  key: RowKey,
  expectations: readonly Expectation[],
): Promise<TandemError | null> {
  const held = expectations.map(({ condition }) => condition);
  const where = conjunction([hasKey(meta, key), guard?.condition(meta, 'update', [key])]);
  const asked = ['1 as found', ...held.map(({ sql }, at) => `(${sql}) as holds${at}`)];
  const [row] = await em.execute<Record<string, unknown>[]>(
    `select ${asked.join(', ')} from ${quoteName(meta.tableName)} where ${where.sql} for update`,
    [...held.flatMap(({ params }) => params), ...where.params],
  );
  if (row === undefined) return noSuchRow(source, meta, key);
  const failed = expectations.filter((_, at) => Number(row[`holds${at}`]) !== 1);
  if (failed.length === 0) return null;
  const disagreeing = failed.filter(({ fault }) => fault.path.startsWith('input.'));
  const [code, faults] =
    disagreeing.length > 0 ? (['BAD_USER_INPUT', disagreeing] as const) : (['CONFLICT', failed] as const);
  return new TandemError(code, { source, fields: faults.map(({ fault }) => fault) });
}

/** The values that a row must hold for a change, and the fault where it does not. */
interface Expectation {
  readonly condition: Condition;
  readonly fault: FieldProblem;
}

/**
 * That a column which several properties share, such as a tenant's number, is not changed by one of them alone: the relations that the
 * input leaves out would then lead to other rows. It may be where they lead to none.
 */
function agreementsOf(
  meta: EntityMetadata,
  input: Input,
  changed: ReadonlyMap<string, ColumnValue>,
): Expectation[] {
  if (!inputFieldsOf(meta).sharesColumns) return [];
  const given = givenIn(meta, input).map(([property]) => property);
  const others = meta.props.filter((property) => isColumn(property) && !given.includes(property));
  return others.flatMap((other) => {
    const shared = other.fieldNames.flatMap((name) => changed.get(name) ?? []);
    const by = given.find(({ fieldNames }) => shared.some(({ column }) => fieldNames.includes(column)));
    if (by === undefined) return [];
    const isNull = other.fieldNames
      .filter((name) => !changed.has(name) || other.fieldNames.length === 1)
      .map((name) => `${quoteName(name)} is null`);
    const same = conjunction(shared.map(holdsValue));
    return {
      condition: { sql: `(${[`(${same.sql})`, ...isNull].join(' or ')})`, params: same.params },
      fault: {
        path: `input.${fieldOf(by)}`,
        message: `would change ${fieldOf(other)}, which stands for the same column: give both`,
      },
    };
  });
}

function holdsValue(column: ColumnValue): Condition {
  if (column.value !== null) return haveValues([column]);
  return { sql: `${quoteName(column.column)} is null`, params: [] };
}

async function expectationsOf(
  transaction: Transaction,
  meta: EntityMetadata,
  key: RowKey,
  expected: Input,
): Promise<Expectation[]> {
  return Promise.all(
    givenIn(meta, expected).map(async ([property, value]) => ({
      fault: { path: `expected.${fieldOf(property)}`, message: 'differs from what the source holds' },
      condition:
        property.targetMeta === undefined
          ? holds(meta, property, value)
          : await refersAsSeen(transaction, meta, key, { relation: property, value }),
    })),
  );
}

/** That a row refers to another, as the caller sees it: what refers to a row that it may not read refers to none. */
async function refersAsSeen(
  transaction: Transaction,
  meta: EntityMetadata,
  key: RowKey,
  { relation, value }: { readonly relation: EntityProperty; readonly value: unknown },
): Promise<Condition> {
  const target = relation.targetMeta as EntityMetadata;
  if (transaction.guard?.readable(target) == null) return holds(meta, relation, value);
  if (value !== null) {
    const wanted = storedKey(target, keyFromApi(primaryKeyOf(target), value));
    const readable = await readableKeys(transaction, target, [wanted]);
    return readable?.has(wanted) === false ? { sql: 'false', params: [] } : holds(meta, relation, value);
  }
  const columns = foreignKey(meta, relation.name, meta.tableName);
  const readable = readableKeyIn(transaction, columns) as Condition;
  const { sql, params } = hasKey(meta, key);
  const [hidden] = await transaction.reads.arrays({
    sql: `select ${selected(columns)} from ${quoteName(meta.tableName)} where ${sql} and not ${readable.sql} for update`,
    params: [...params, ...readable.params] as ReadStatement['params'],
  });
  if (hidden === undefined || hidden.includes(null)) return holds(meta, relation, null);
  return haveValues(columnsOfForeignKey(meta, relation, keyIn(columns, hidden)));
}

/** That a row holds this very value: MySQL's own comparison takes "Anna" and "ANNÀ" for the same text. */
function holds(meta: EntityMetadata, property: EntityProperty, value: unknown): Condition {
  const columns = columnsOf(meta, property, value);
  if (value === null) {
    const isNull = columns.map(({ column, codec }) =>
      (codec.isNull ?? '?? is null').replaceAll('??', () => quoteName(column)),
    );
    return { sql: `(${isNull.join(' or ')})`, params: [] };
  }
  // Rows refer to a row by any text that equals its key.
  if (property.targetMeta !== undefined) return haveValues(columns);
  return conjunction(
    columns.map((column) => withText(column, `(${column.codec.exact ?? `?? = ${column.codec.operand}`})`)),
  );
}
