import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { FieldProblem } from '../errors/tandem-error.ts';
import { fieldOf } from '../sources/names.ts';
import { isBlank } from './blank.ts';
import { childInputs, childrenOf, givenIn, type PlacedInput } from './input.ts';

/**
 * Everything wrong with the values of an input and of the children in it, as the entity's metadata has it. Absent
 * fields are not looked at: GraphQL has seen to those that a create requires.
 */
export function problemsOf(meta: EntityMetadata, row: PlacedInput): FieldProblem[] {
  const own = givenIn(meta, row.input).flatMap(([column, value]) => {
    const message = problemOf(column, value);
    return message === null ? [] : [{ path: `${row.path}.${fieldOf(column)}`, message }];
  });
  const below = childrenOf(meta).flatMap(({ relation, of }) =>
    childInputs(row, relation).flatMap((child) => problemsOf(of, child)),
  );
  return [...own, ...below];
}

/** What is wrong with a change: besides its values, that it changes nothing. */
export function changeProblems(meta: EntityMetadata, row: PlacedInput): FieldProblem[] {
  if (givenIn(meta, row.input).length > 0) return problemsOf(meta, row);
  return [{ path: row.path, message: 'has no field to change' }];
}

/** What is wrong with a value for a column, as the end of a sentence; null where nothing is. */
function problemOf({ nullable, length }: EntityProperty, value: unknown): string | null {
  if (value === null) return nullable === true ? null : 'cannot be null';
  if (typeof value !== 'string') return null;
  if (isBlank(value)) {
    return nullable === true ? 'cannot be blank: null says that there is none' : 'cannot be blank';
  }
  if (length === undefined || value.length <= length) return null;
  const characters = charactersIn(value);
  return characters <= length ? null : `takes at most ${length} characters, has ${characters}`;
}

/** Characters as MySQL counts them, code points: an emoji is one, and two units of a JavaScript string. */
function charactersIn(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
