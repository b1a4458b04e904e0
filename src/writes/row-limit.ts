import type { EntityMetadata } from '@mikro-orm/core';
import type { FieldProblem } from '../errors/tandem-error.ts';
import { connectField, disconnectField } from '../sources/api-names.ts';
import { childInputs, childrenOf, type PlacedInput, someNameOthers } from './input-fields.ts';
import { linkChangesOf } from './link-changes.ts';

/** Rows that one list can have. */
const rowsAList = 1000;
/** Rows that one mutation can write, children included: a list in a variable can be named many times. */
export const rowsInAll = 10_000;

/** Where a mutation brings more rows than it can; looked at before any of their values. */
export function capProblems(
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  path: string,
): FieldProblem[] {
  if (rows.length <= rowsAList && !someNameOthers(meta, rows)) return [];
  const long = longLists(meta, rows, path);
  if (long.length > 0) return long;
  const count = countRows(meta, rows);
  if (count <= rowsInAll) return [];
  return [{ path, message: `takes at most ${rowsInAll} rows with those inside them, has ${count}` }];
}

function longLists(meta: EntityMetadata, rows: readonly PlacedInput[], path: string): FieldProblem[] {
  if (rows.length > rowsAList) {
    return [{ path, message: `takes at most ${rowsAList} rows, has ${rows.length}` }];
  }
  const below = childrenOf(meta).flatMap(({ relation, of }) =>
    rows.flatMap((row) => longLists(of, childInputs(row, relation), `${row.path}.${relation.name}`)),
  );
  const links = rows.flatMap((row) =>
    childrenOf(meta).flatMap(({ relation: { name } }) =>
      [connectField(name), disconnectField(name)].flatMap((field) => {
        const { length } = (row.input[field] ?? []) as readonly unknown[];
        const message = `takes at most ${rowsAList} keys, has ${length}`;
        return length > rowsAList ? [{ path: `${row.path}.${field}`, message }] : [];
      }),
    ),
  );
  return [...below, ...links];
}

function countRows(meta: EntityMetadata, rows: readonly PlacedInput[]): number {
  return childrenOf(meta)
    .flatMap(({ relation, of }) => rows.map((row) => countRows(of, childInputs(row, relation))))
    .reduce((sum, count) => sum + count, rows.length + keysIn(meta, rows));
}

/** Keys of rows to be connected or disconnected: each is a row that is written. */
function keysIn(meta: EntityMetadata, rows: readonly PlacedInput[]): number {
  return rows
    .flatMap((row) => linkChangesOf(meta, row))
    .reduce((sum, { connect, disconnect }) => sum + connect.length + disconnect.length, 0);
}
