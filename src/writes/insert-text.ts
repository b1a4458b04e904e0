import type { EntityMetadata } from '@mikro-orm/core';
import { LRUCache } from 'lru-cache';
import type { Column } from '../column-types/column-types.ts';
import { sqlLiteral, type Value, withValues } from '../sql/literal.ts';
import { quoteName } from '../sql/quote.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { type ColumnValue, type Condition, isSql } from './column-values.ts';
import { type InputField, type PlacedInput, parameterOf } from './input-fields.ts';

/** A parameter, or the SQL of one; undefined: the database supplies the value. */
type NewValue = Value | Condition | undefined;

/** One INSERT, and the columns that some of its rows give. */
export interface Insert {
  readonly columns: readonly Column[];
  readonly change: Condition;
}

/** Inserts rows of their columns by name. */
export function insertColumns(
  meta: EntityMetadata,
  rows: readonly ReadonlyMap<string, ColumnValue>[],
): Insert {
  const columns = new Map<string, Column>();
  for (const row of rows) for (const [name, column] of row) if (!columns.has(name)) columns.set(name, column);
  const names = [...columns.keys()];
  return insertRows(meta, [...columns.values()], rows.length, (row, at) =>
    newValueOf((rows[row] as ReadonlyMap<string, ColumnValue>).get(names[at] as string)),
  );
}

function newValueOf(column: ColumnValue | undefined): NewValue {
  if (column === undefined) return undefined;
  const { codec, value } = column;
  return isSql(value) ? value : parameterOf(codec, value);
}

/** The field of an input that is one column. */
type ColumnField = InputField & { readonly column: Column };

/** The INSERTs of one row of a table, by the form of its input. */
const knownInserts = memoizeWeak(
  (_: EntityMetadata) =>
    new LRUCache<string, { readonly columns: readonly Column[]; readonly sql: string }>({ max: 50 }),
);

/**
 * Inserts a row of an input whose fields are a column each. Its SQL is made once a form: which fields are given, and which of those are null.
 *
 * @param fields all that an input of the table can have
 */
export function insertInput(
  meta: EntityMetadata,
  fields: readonly ColumnField[],
  placed: PlacedInput,
): Insert {
  const params: Value[] = [];
  let form = '';
  for (const { field, column } of fields) {
    const given = placed.input[field];
    const value = given === undefined ? undefined : parameterOf(column.codec, given);
    form += placeOf(value, '?', params);
  }
  const inserts = knownInserts(meta);
  let known = inserts.get(form);
  if (known === undefined) {
    const { columns, change } = insertInputs(meta, fields, [placed]);
    known = { columns, sql: change.sql };
    inserts.set(form, known);
  }
  return { columns: known.columns, change: { sql: known.sql, params } };
}

/** Inserts rows of such inputs: of a thousand, a map or a list of each costs more than its SQL. */
export function insertInputs(
  meta: EntityMetadata,
  fields: readonly ColumnField[],
  inputs: readonly PlacedInput[],
): Insert {
  const given = fields.filter(({ field }) => inputs.some(({ input }) => input[field] !== undefined));
  const columns = given.map(({ column }) => column);
  return insertRows(meta, columns, inputs.length, (row, at) => {
    const { field, column } = given[at] as (typeof given)[number];
    const value = (inputs[row] as PlacedInput).input[field];
    return value === undefined ? undefined : parameterOf(column.codec, value);
  });
}

/** Values that are written into the text at once: a session prepares no statement with so many (pool/prepared-statements.ts). */
const manyValues = 1280;

/**
 * Rows of one INSERT have the same columns: what one does not give, the database supplies.
 *
 * @param valueAt the value of a row, by its index, for a column
 */
function insertRows(
  { tableName }: EntityMetadata,
  columns: readonly Column[],
  rows: number,
  valueAt: (row: number, at: number) => NewValue,
): Insert {
  const names = columns.map(({ column }) => quoteName(column)).join(', ');
  const isLiteral = columns.length * rows > manyValues;
  const writes = columns.map(({ codec }) => codec.write);
  const params: Value[] = [];
  let text = `insert into ${quoteName(tableName)} (${names}) values `;
  for (let row = 0; row < rows; row++) {
    text += row === 0 ? '(' : '), (';
    for (let at = 0; at < writes.length; at++) {
      if (at > 0) text += ', ';
      const value = valueAt(row, at);
      text += isLiteral ? literalOf(value, writes[at]) : placeOf(value, writes[at], params);
    }
  }
  return { columns, change: { sql: `${text})`, params } };
}

function literalOf(value: NewValue, write: string | undefined): string {
  if (value === undefined) return 'default';
  if (value === null) return 'null';
  if (isSql(value)) return withValues(value.sql, value.params);
  return write === undefined ? sqlLiteral(value) : withValues(write, [value]);
}

/** The place of a value, which goes to the parameters. */
function placeOf(value: NewValue, write: string | undefined, params: Value[]): string {
  if (value === undefined) return 'default';
  if (value === null) return 'null';
  if (isSql(value)) {
    params.push(...value.params);
    return value.sql;
  }
  params.push(value);
  return write ?? '?';
}
