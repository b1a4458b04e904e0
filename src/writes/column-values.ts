import { type EntityMetadata, type EntityProperty, isRaw } from '@mikro-orm/core';
import { type AutomaticOption, automaticValues, hasAutomaticValues } from '../column-types/automatic.ts';
import { type Column, columnNamed, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { keyFromApi, type RowKey, valuesOfKey } from '../column-types/table-key.ts';
import type { FieldProblem } from '../errors/tandem-error.ts';
import { fieldOf } from '../sources/api-names.ts';
import type { Value } from '../sql/literal.ts';
import { quoteName } from '../sql/quote.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { givenIn, type Input, type InputField, inputFieldsOf, parameterOf } from './input-fields.ts';

/** A column with a value of the API, or the SQL of one. */
export interface ColumnValue extends Column {
  readonly value: unknown;
}

/** SQL with a question mark for each parameter. */
export interface Condition {
  readonly sql: string;
  readonly params: readonly Value[];
}

/** A row's columns by their names in SQL, and the inputs that want two values for one column. */
export interface ColumnValues {
  readonly columns: ReadonlyMap<string, ColumnValue>;
  readonly conflicts: readonly EntityProperty[];
}

/** The columns that a property's value stands for: those of a foreign key for the key of a row. */
export function columnsOf(meta: EntityMetadata, property: EntityProperty, value: unknown): ColumnValue[] {
  const { targetMeta } = property;
  if (targetMeta === undefined) return [{ ...columnNamed(meta, property.name), value }];
  return columnsOfForeignKey(
    meta,
    property,
    value === null ? null : keyFromApi(primaryKeyOf(targetMeta), value),
  );
}

/** The columns of a foreign key that refers to a row, or to none. */
export function columnsOfForeignKey(
  meta: EntityMetadata,
  relation: EntityProperty,
  key: RowKey | null,
): ColumnValue[] {
  const values = key === null ? [] : valuesOfKey(primaryKeyOf(relation.targetMeta as EntityMetadata), key);
  return foreignColumnsOf(relation).map((name, at) => ({
    ...columnNamed(meta, name),
    value: values[at] ?? null,
  }));
}

/** The columns of a row's own key. */
export function columnsOfKey(meta: EntityMetadata, key: RowKey): ColumnValue[] {
  const values = valuesOfKey(primaryKeyOf(meta), key);
  return primaryKeyOf(meta).columns.map(({ name }, at) => ({
    ...columnNamed(meta, name),
    value: values[at],
  }));
}

/**
 * The columns that an input gives, beside those that are known. Foreign keys can share a column, such as a tenant's number: then they, and
 * the column itself, must agree. A relation to no row leaves such a column to the others.
 */
export function columnValuesOf(
  meta: EntityMetadata,
  input: Input,
  known: readonly ColumnValue[] = [],
): ColumnValues {
  const { columns: fields, sharesColumns } = inputFieldsOf(meta);
  if (!sharesColumns) {
    const own = ownColumnValues(meta, fields, input);
    if (known.length === 0) return { columns: own, conflicts: [] };
    if (!known.some(({ column }) => own.has(column))) {
      return {
        columns: new Map([...known.map((each) => [each.column, each] as const), ...own]),
        conflicts: [],
      };
    }
  }
  const columns = new Map(known.map((column) => [column.column, column]));
  const conflicts: EntityProperty[] = [];
  const given = givenIn(meta, input).toSorted(
    ([, one], [, other]) => Number(one === null) - Number(other === null),
  );
  for (const [property, value] of given) {
    for (const column of columnsOf(meta, property, value)) {
      const before = columns.get(column.column);
      if (before === undefined) {
        if (value !== null || !isShared(meta, property, column)) columns.set(column.column, column);
      } else if (value !== null && before.value !== column.value && !conflicts.includes(property)) {
        conflicts.push(property);
      }
    }
  }
  return { columns, conflicts };
}

/** The same where each column belongs to one property. */
function ownColumnValues(
  meta: EntityMetadata,
  fields: readonly InputField[],
  input: Input,
): ReadonlyMap<string, ColumnValue> {
  const columns = new Map<string, ColumnValue>();
  for (const { property, field, column } of fields) {
    const value = input[field];
    if (value === undefined) continue;
    if (column !== null) columns.set(column.column, { column: column.column, codec: column.codec, value });
    else for (const each of columnsOf(meta, property, value)) columns.set(each.column, each);
  }
  return columns;
}

/** Whether a column of a foreign key is one of another property's, too. */
export function isShared({ props }: EntityMetadata, relation: EntityProperty, { column }: Column): boolean {
  if (relation.targetMeta === undefined) return false;
  return props.some((other) => other.name !== relation.name && other.fieldNames?.includes(column));
}

/** The problems of an input that wants two values for one column. */
export function conflictProblems({ conflicts }: ColumnValues, path: string): FieldProblem[] {
  return conflicts.map((property) => ({
    path: `${path}.${fieldOf(property)}`,
    message: 'differs from another field that stands for the same column',
  }));
}

/** The columns that the entity's own functions make, beside those that are given. */
export function automaticColumns(
  meta: EntityMetadata,
  option: AutomaticOption,
  given: ReadonlyMap<string, ColumnValue>,
): ColumnValue[] {
  if (!hasAutomaticValues(meta, option)) return [];
  return automaticValues(meta, option)
    .map(([{ name }, value]) => ({
      ...columnNamed(meta, name),
      value: isRaw(value) ? { sql: value.sql, params: value.params as Value[] } : value,
    }))
    .filter(({ column }) => !given.has(column));
}

export function isSql(value: unknown): value is Condition {
  return typeof value === 'object' && value !== null && 'sql' in value;
}

/** The SQL by which an UPDATE writes a column's value. Its parameters are put behind the others. */
function writtenBy({ column, codec, value }: ColumnValue, params: Value[]): string {
  if (value === null) return 'null';
  if (isSql(value)) {
    params.push(...value.params);
    return value.sql;
  }
  params.push(parameterOf(codec, value));
  return codec.rewrite?.replaceAll('??', () => quoteName(column)) ?? codec.write ?? '?';
}

/** `a = ?, b = ?` */
export function assignments(columns: readonly ColumnValue[]): Condition {
  const params: Value[] = [];
  const written = columns.map((value) => `${quoteName(value.column)} = ${writtenBy(value, params)}`);
  return { sql: written.join(', '), params };
}

/** That a row has this very key: under most collations, MySQL takes `us` for `US`. */
export function hasKey(meta: EntityMetadata, key: RowKey): Condition {
  const { sql, codecs } = keyText(meta);
  const values = valuesOfKey(primaryKeyOf(meta), key);
  const params = codecs.flatMap((codec, at) => {
    const param = parameterOf(codec, values[at]);
    return codec.exact === undefined ? [param] : [param, param];
  });
  return { sql, params };
}

const keyText = memoizeWeak((meta: EntityMetadata) => {
  const columns = primaryKeyOf(meta).columns.map(({ name }) => columnNamed(meta, name));
  const texts = columns.flatMap(({ column, codec: { operand, exact } }) =>
    [`?? = ${operand}`, ...(exact === undefined ? [] : [exact])].map((text) =>
      text.replaceAll('??', () => quoteName(column)),
    ),
  );
  return { sql: texts.join(' and '), codecs: columns.map(({ codec }) => codec) };
});

/** That columns have these values, by their collations. */
export function haveValues(columns: readonly ColumnValue[]): Condition {
  return conjunction(columns.map(equals));
}

/** That a column has a value, by its collation. */
function equals(column: ColumnValue): Condition {
  return withText(column, `?? = ${column.codec.operand}`);
}

/** A codec's text about a column and its value. */
export function withText({ column, codec, value }: ColumnValue, text: string): Condition {
  return { sql: text.replaceAll('??', () => quoteName(column)), params: [parameterOf(codec, value)] };
}

export function conjunction(conditions: readonly (Condition | null | undefined)[]): Condition {
  const given = conditions.filter((condition) => condition != null);
  return {
    sql: given.map(({ sql }) => sql).join(' and '),
    params: given.flatMap(({ params }) => params),
  };
}
