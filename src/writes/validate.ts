import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { tableOf } from '../entities/table.ts';
import type { FieldProblem } from '../errors/tandem-error.ts';
import { fieldOf } from '../sources/api-names.ts';
import { isBlank } from './blank-text.ts';
import { columnsOf, columnValuesOf, conflictProblems } from './columns.ts';
import { childInputs, childrenOf, givenIn, type Input, type PlacedInput } from './input.ts';
import { linkChangesOf, linkProblems } from './link-changes.ts';

/**
 * Everything wrong with the values of an input and of the children in it, as the entity's metadata has it. Absent
 * fields are not looked at: GraphQL has seen to those that a create requires.
 */
export function problemsOf(meta: EntityMetadata, row: PlacedInput): FieldProblem[] {
  const own = givenIn(meta, row.input).flatMap(([column, value]) => {
    const message = problemOf(meta, column, value);
    return message === null ? [] : [{ path: `${row.path}.${fieldOf(column)}`, message }];
  });
  const conflicts = conflictProblems(columnValuesOf(meta, row.input), row.path);
  const below = childrenOf(meta).flatMap(({ relation, of }) =>
    childInputs(row, relation).flatMap((child) => problemsOf(of, child)),
  );
  return [...own, ...conflicts, ...below];
}

/** What is wrong with a change: besides its values, that it changes nothing. */
export function changeProblems(meta: EntityMetadata, row: PlacedInput): FieldProblem[] {
  const isChange =
    givenIn(meta, row.input).length > 0 ||
    linkChangesOf(meta, row).length > 0 ||
    childrenOf(meta).some(({ relation }) => childInputs(row, relation).length > 0);
  if (isChange) return [...problemsOf(meta, row), ...linkProblems(meta, [row])];
  return [{ path: row.path, message: 'has no field to change' }];
}

/** What of an expectation is no column's: rows that belong to a row cannot be expected. */
export function expectedProblems(meta: EntityMetadata, expected: Input): FieldProblem[] {
  const columns = new Set(givenIn(meta, expected).map(([column]) => fieldOf(column)));
  return Object.entries(expected)
    .filter(([field, value]) => value !== undefined && !columns.has(field))
    .map(([field]) => ({ path: `expected.${field}`, message: 'is no column, and cannot be compared' }));
}

/** What is wrong with a value for a column, as the end of a sentence; null where nothing is. */
function problemOf(meta: EntityMetadata, property: EntityProperty, value: unknown): string | null {
  const { name, nullable } = property;
  if (value === null) return nullable === true ? null : 'cannot be null';
  const isRefusedBlank = tableOf(meta.class as never)?.notBlank.includes(name) === true;
  if (isRefusedBlank && typeof value === 'string' && isBlank(value)) {
    return nullable === true ? 'cannot be blank: null says that there is none' : 'cannot be blank';
  }
  for (const { codec, value: of } of columnsOf(meta, property, value)) {
    const problem = codec.problem?.(of as never) ?? null;
    if (problem !== null) return problem;
  }
  return null;
}
