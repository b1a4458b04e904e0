import { canJump, fromKey } from '../api/keys.ts';
import { apiSchema } from '../api/schema.ts';
import type { ApiTable } from '../api/tables.ts';
import { valueOfText } from '../api/value-of-text.ts';
import { valuesIn } from './list-text.ts';

/** One condition, as the address has it: a column, an operator and what was typed. */
export type ColumnFilter = readonly [column: string, operator: string, text: string];

/** The state of a view of rows, as the address has it. */
export interface RowsState {
  readonly filters: readonly ColumnFilter[];
  /** Text that one of the text columns has in it. */
  readonly search: string;
  /** A column and its direction, such as `lastName:DESC`; empty: by key. */
  readonly order: string;
  /** The key from which on rows are shown. */
  readonly from: string;
}

const operatorWords: Readonly<Record<string, string>> = {
  eq: 'is',
  ne: 'is not',
  lt: 'less than',
  lte: 'at most',
  gt: 'more than',
  gte: 'at least',
  contains: 'contains',
  startsWith: 'starts with',
  endsWith: 'ends with',
  eqExact: 'is exactly',
  in: 'is one of',
  notIn: 'is none of',
  isNull: 'is null',
  has: 'has',
};

export const wordOfOperator = (operator: string) => operatorWords[operator] ?? operator;

/** Operators that take one value, or a list of values, in the order of the schema. */
export function operatorsOf(table: ApiTable, column: string): string[] {
  const filter = filterTypeOf(table, column);
  return [...(filter?.fields.values() ?? [])]
    .filter(({ type }) => ['SCALAR', 'ENUM'].includes(type.kind))
    .map(({ name }) => name);
}

/** The type of an operator's value, for a column. */
export const operatorType = (table: ApiTable, column: string, operator: string) =>
  filterTypeOf(table, column)?.fields.get(operator)?.type;

/** Columns that can be filtered by. */
export function filterable(table: ApiTable): string[] {
  return ['key', ...table.columns.map(({ name }) => name)].filter(
    (name) => operatorsOf(table, name).length > 0,
  );
}

/** Columns in which a text is searched. */
export const searchable = (table: ApiTable): string[] =>
  table.columns.map(({ name }) => name).filter((name) => operatorsOf(table, name).includes('contains'));

/** Columns that can be ordered by. */
export function isOrderable({ orderType }: ApiTable, column: string): boolean {
  return apiSchema.value?.types.get(orderType)?.fields.has(column) === true;
}

function filterTypeOf({ whereType }: ApiTable, column: string) {
  const types = apiSchema.value?.types;
  return types?.get(types.get(whereType)?.fields.get(column)?.type.name ?? '');
}

export function parseFilters(text: string | undefined): readonly ColumnFilter[] {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(parsed) ? parsed.filter((one) => Array.isArray(one) && one.length === 3) : [];
  } catch {
    return [];
  }
}

/** The variables of a page. */
export function pageVariables(table: ApiTable, { filters, search, order, from }: RowsState) {
  const and: object[] = filters
    .filter(([, , text]) => text !== '')
    .map(([column, operator, text]) => ({
      [column]: { [operator]: typedValue(table, column, operator, text) },
    }));
  if (search !== '') and.push({ or: searchable(table).map((name) => ({ [name]: { contains: search } })) });
  if (from !== '' && canJump(table.keyParts)) and.push(fromKey(table.keyParts, from));
  const [column, direction] = order.split(':');
  return {
    where: and.length === 0 ? null : { and },
    orderBy: column && direction ? [{ [column]: direction }] : null,
  };
}

function typedValue(table: ApiTable, column: string, operator: string, text: string): unknown {
  const type = operatorType(table, column, operator);
  if (!type?.isList) return valueOfText(type?.name, text);
  return valuesIn(text).map((value) => valueOfText(type.name, value));
}
