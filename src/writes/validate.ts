import type { EntityMetadata } from '@mikro-orm/core';
import { codecOf } from '../column-types/column-types.ts';
import type { FieldProblem } from '../errors/tandem-error.ts';
import { fieldOf } from '../sources/api-names.ts';
import { isBlank } from './blank-text.ts';
import { columnsOf, columnValuesOf, conflictProblems } from './column-values.ts';
import {
  childInputs,
  childrenOf,
  givenIn,
  hasNoFields,
  type Input,
  type InputField,
  inputFieldsOf,
  namesOthers,
  type PlacedInput,
  someNameOthers,
} from './input-fields.ts';
import { linkChangesOf, linkProblems } from './link-changes.ts';

/**
 * Everything wrong with the values of inputs and of the children in them, as the entity's metadata has it. Absent
 * fields are not looked at: GraphQL has seen to those that a create requires.
 */
export function problemsOf(meta: EntityMetadata, rows: readonly PlacedInput[]): FieldProblem[] {
  const { columns, sharesColumns } = inputFieldsOf(meta);
  const nameOthers = someNameOthers(meta, rows);
  const problems: FieldProblem[] = [];
  for (const row of rows) {
    for (const column of columns) {
      const value = row.input[column.field];
      const message = value === undefined ? null : problemOf(meta, column, value);
      if (message !== null) problems.push({ path: `${row.path}.${column.field}`, message });
    }
    if (sharesColumns) problems.push(...conflictProblems(columnValuesOf(meta, row.input), row.path));
    if (!nameOthers) continue;
    for (const { relation, of } of childrenOf(meta)) {
      problems.push(...problemsOf(of, childInputs(row, relation)));
    }
  }
  return problems;
}

/** The problems of a change: besides those of its values, that it changes nothing. */
export function changeProblems(meta: EntityMetadata, row: PlacedInput): FieldProblem[] {
  const isChange =
    inputFieldsOf(meta).columns.some(({ field }) => row.input[field] !== undefined) ||
    linkChangesOf(meta, row).length > 0 ||
    (namesOthers(meta, row.input) &&
      childrenOf(meta).some(({ relation }) => childInputs(row, relation).length > 0));
  if (isChange) return [...problemsOf(meta, [row]), ...linkProblems(meta, [row])];
  return [{ path: row.path, message: 'has no field to change' }];
}

/** The problems of an expectation: rows that belong to a row cannot be expected, nor values that no column can be compared with. */
export function expectedProblems(meta: EntityMetadata, expected: Input): FieldProblem[] {
  if (hasNoFields(expected)) return [];
  const given = givenIn(meta, expected);
  const columns = new Set(given.map(([column]) => fieldOf(column)));
  const others = Object.entries(expected)
    .filter(([field, value]) => value !== undefined && !columns.has(field))
    .map(([field]) => ({ path: `expected.${field}`, message: 'is no column, and cannot be compared' }));
  const incomparable = given.flatMap(([property, value]) => {
    if (value === null || property.targetMeta !== undefined) return [];
    const message = codecOf(meta, property.name).operandProblem?.(value as never) ?? null;
    return message === null ? [] : [{ path: `expected.${fieldOf(property)}`, message }];
  });
  return [...others, ...incomparable];
}

/** The fault of a value for a column, as the end of a sentence; null where it has none. */
function problemOf(
  meta: EntityMetadata,
  { property, column, refusesBlank }: InputField,
  value: unknown,
): string | null {
  const { nullable } = property;
  if (value === null) return nullable === true ? null : 'cannot be null';
  if (refusesBlank && typeof value === 'string' && isBlank(value)) {
    return nullable === true ? 'cannot be blank: null says that there is none' : 'cannot be blank';
  }
  if (column !== null) return column.codec.problem?.(value as never) ?? null;
  for (const { codec, value: of } of columnsOf(meta, property, value)) {
    const problem = codec.problem?.(of as never) ?? null;
    if (problem !== null) return problem;
  }
  return null;
}
