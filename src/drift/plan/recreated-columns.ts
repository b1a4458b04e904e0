import type { ColumnModel, TableModel } from '../../information-schema/model.ts';
import { tokens } from '../../sql/expression.ts';
import { madeAnew } from '../compare-columns.ts';
import { pairsOf } from '../match-by-name.ts';
import type { Differing } from './differing.ts';
import { keyOf } from './step.ts';

/**
 * The columns that are dropped and added in one statement, and why: the keys of the differences. Generated columns over
 * such a column are made anew with it. MySQL drops the checks of a column with it, and takes it out of its indexes, so
 * that these are made anew, too.
 */
export interface RecreatedColumns {
  /** The reasons by the columns' names on the right, in lower case. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Why what has this expression is made anew; nothing where it is not. */
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

/** With the generated columns that are made of them, and of those. */
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
