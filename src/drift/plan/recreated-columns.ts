import type { ColumnModel, TableModel } from '../../information-schema/model.ts';
import { tokens } from '../../sql/expression.ts';
import { madeAnew } from '../compare-columns.ts';
import { pairsOf } from '../match-by-name.ts';
import type { Differing } from './differing.ts';
import { keyOf } from './step.ts';

/**
 * The columns that one statement drops and adds, and why: the keys of the differences. It drops and adds generated columns
 * over such a column too. MySQL drops the checks of a column with it, and takes it out of its indexes, so the statement
 * creates these again.
 */
export interface RecreatedColumns {
  /** The reasons by the columns' names on the right, in lower case. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Why the statement drops and adds what has this expression; nothing if it does not. */
  over(expression: string | null): readonly string[];
  /** The same for an index on an expression, which MySQL follows through generated columns to one that goes (3837). */
  under(expression: string | null): readonly string[];
}

export function recreatedIn(left: TableModel, right: TableModel, found: Differing): RecreatedColumns {
  const { both } = pairsOf(left.columns, right.columns, ({ name }) => name);
  const why = (name: string) => [keyOf({ kind: 'COLUMN', table: right.name, name })];
  const anew = new Map(
    both
      .filter(([one, other]) => madeAnew(one, other))
      .map(([, { name }]) => [name.toLowerCase(), why(name)] as const),
  );
  const columns = withThoseOver(
    anew,
    both.filter(([one]) => one.generated !== null).map(([, other]) => other),
  );
  const gone = right.columns.filter(({ name }) => found.extra('COLUMN', right.name, name));
  const going = new Map([...gone.map(({ name }) => [name.toLowerCase(), why(name)] as const), ...columns]);
  const below = withThoseOver(going, right.columns);
  return { columns, over: reasonsIn(columns), under: reasonsIn(below) };
}

type Reasons = ReadonlyMap<string, readonly string[]>;

function reasonsIn(columns: Reasons) {
  return (expression: string | null) =>
    expression === null || columns.size === 0
      ? []
      : tokens(expression).flatMap((token) => columns.get(token) ?? []);
}

/** With the generated columns that use them, and those that use these. */
function withThoseOver(columns: Reasons, candidates: readonly ColumnModel[]): Reasons {
  const all = new Map(columns);
  for (let before = -1; before !== all.size; ) {
    before = all.size;
    for (const { name, generated } of candidates) {
      const why = reasonsIn(all)(generated?.expression ?? null);
      if (why.length > 0 && !all.has(name.toLowerCase())) all.set(name.toLowerCase(), why);
    }
  }
  return all;
}
