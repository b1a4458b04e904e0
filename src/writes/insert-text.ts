import type { EntityMetadata } from '@mikro-orm/core';
import type { Column } from '../column-types/column-types.ts';
import { sqlLiteral, type Value, withValues } from '../sql/literal.ts';
import { quoteName } from '../sql/quote.ts';
import { type ColumnValue, type Condition, isSql } from './columns.ts';
import { type InputField, type PlacedInput, parameterOf } from './input.ts';

/** A parameter, or the SQL of one; undefined: the database supplies the value. */
type NewValue = Value | Condition | undefined;

/** Rows of one INSERT: the columns that some of them give, and each row's values in their order. */
export interface NewRows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly NewValue[])[];
}

/** Rows of their columns by name. */
export function rowsOfColumns(rows: readonly ReadonlyMap<string, ColumnValue>[]): NewRows {
  const columns = new Map<string, Column>();
  for (const row of rows) for (const [name, column] of row) if (!columns.has(name)) columns.set(name, column);
  const names = [...columns.keys()];
  return {
    columns: [...columns.values()],
    rows: rows.map((row) => names.map((name) => newValueOf(row.get(name)))),
  };
}

function newValueOf(column: ColumnValue | undefined): NewValue {
  if (column === undefined) return undefined;
  const { codec, value } = column;
  return isSql(value) ? value : parameterOf(codec, value);
}

/** Rows of inputs whose fields are a column each: of a thousand rows, a map of each costs more than its SQL. */
export function rowsOfInputs(
  fields: readonly (InputField & { readonly column: Column })[],
  inputs: readonly PlacedInput[],
): NewRows {
  const given = fields.filter(({ field }) => inputs.some(({ input }) => input[field] !== undefined));
  return {
    columns: given.map(({ column }) => column),
    rows: inputs.map(({ input }) =>
      given.map(({ field, column }) => {
        const value = input[field];
        return value === undefined ? undefined : parameterOf(column.codec, value);
      }),
    ),
  };
}

/** Values that are written into the text at once: a session prepares no statement with so many (pool/prepared-statements.ts). */
const manyValues = 1280;

/** Rows of one INSERT have the same columns: what one does not give, the database supplies. */
export function insertText({ tableName }: EntityMetadata, { columns, rows }: NewRows): Condition {
  const names = columns.map(({ column }) => quoteName(column)).join(', ');
  const head = `insert into ${quoteName(tableName)} (${names}) values `;
  if (columns.length * rows.length > manyValues)
    return { sql: head + literalRows(columns, rows), params: [] };
  const params: Value[] = [];
  let before: readonly NewValue[] | undefined;
  let text = '';
  const texts = rows.map((row) => {
    // Most rows give what the one before gives.
    if (before === undefined || !isWrittenAlike(row, before)) text = rowText(columns, row);
    before = row;
    for (const value of row) {
      if (value === undefined || value === null) continue;
      if (isSql(value)) params.push(...value.params);
      else params.push(value);
    }
    return text;
  });
  return { sql: head + texts.join(', '), params };
}

/** Rows with their values in the text. */
function literalRows(columns: readonly Column[], rows: readonly (readonly NewValue[])[]): string {
  const writes = columns.map(({ codec }) => codec.write);
  let text = '';
  for (const row of rows) {
    text += text === '' ? '(' : '), (';
    for (let at = 0; at < writes.length; at++) {
      if (at > 0) text += ', ';
      text += literalOf(row[at], writes[at]);
    }
  }
  return `${text})`;
}

function literalOf(value: NewValue, write: string | undefined): string {
  if (value === undefined) return 'default';
  if (value === null) return 'null';
  if (isSql(value)) return withValues(value.sql, value.params);
  return write === undefined ? sqlLiteral(value) : withValues(write, [value]);
}

function rowText(columns: readonly Column[], row: readonly NewValue[]): string {
  const written = columns.map(({ codec }, at) => {
    const value = row[at];
    if (value === undefined) return 'default';
    if (value === null) return 'null';
    return isSql(value) ? value.sql : (codec.write ?? '?');
  });
  return `(${written.join(', ')})`;
}

function isWrittenAlike(row: readonly NewValue[], other: readonly NewValue[]): boolean {
  for (let at = 0; at < row.length; at++) {
    const [one, two] = [row[at], other[at]];
    if (one === undefined || one === null || two === undefined || two === null) {
      if (one !== two) return false;
    } else if (isSql(one) || isSql(two)) return false;
  }
  return true;
}
