import type { FieldInfo } from '../api/schema.ts';
import type { ApiTable } from '../api/tables.ts';

/** Columns that a grid shows unasked: more of them, for each row twice, are slow to lay out and long to cross. */
const mostColumns = 24;

const fieldsOf = ({ columns, parents }: ApiTable): readonly FieldInfo[] => [...columns, ...parents];

/** Columns of a table beyond those that its grid shows unasked. */
export const hiddenColumns = (table: ApiTable) => Math.max(0, fieldsOf(table).length - mostColumns);

/** The columns of a grid: all, or the first ones and those that differ in a row of it. */
export function shownFields(
  table: ApiTable,
  differing: ReadonlySet<string>,
  all: boolean,
): readonly FieldInfo[] {
  return fieldsOf(table).filter(({ name }, at) => all || at < mostColumns || differing.has(name));
}
