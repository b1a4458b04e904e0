import type { TableModel } from '../../information-schema/model.ts';
import { madeAnew } from '../compare-columns.ts';
import { tokens } from '../expression.ts';
import { pairsOf } from '../pairs.ts';
import { keyOf } from './step.ts';

/**
 * The columns that are dropped and added in one statement, and why: the keys of the differences. Generated columns over
 * such a column are made anew with it. MySQL drops the checks of a column with it, and takes it out of its indexes, so
 * that these are made anew, too.
 */
export interface MadeAnew {
  /** The reasons by the columns' names on the right, in lower case. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Why what has this expression is made anew; nothing where it is not. */
  over(expression: string | null): readonly string[];
}

export function madeAnewIn(left: TableModel, right: TableModel): MadeAnew {
  const { both } = pairsOf(left.columns, right.columns, ({ name }) => name);
  const columns = new Map(
    both
      .filter(([one, other]) => madeAnew(one, other))
      .map(([, { name }]) => [name.toLowerCase(), [keyOf({ kind: 'COLUMN', table: right.name, name })]]),
  );
  const over = (expression: string | null) =>
    expression === null || columns.size === 0
      ? []
      : tokens(expression).flatMap((token) => columns.get(token) ?? []);
  // A generated column stands behind those that it is made of, or refers to columns that are not generated.
  for (let before = -1; before !== columns.size; ) {
    before = columns.size;
    for (const [one, other] of both) {
      const why = over(other.generated?.expression ?? null);
      if (one.generated !== null && why.length > 0 && !columns.has(other.name.toLowerCase()))
        columns.set(other.name.toLowerCase(), [...why]);
    }
  }
  return { columns, over };
}
