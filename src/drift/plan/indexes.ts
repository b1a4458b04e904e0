import type { IndexModel, TableModel } from '../../information-schema/model.ts';
import { quoteName } from '../../sql/quote.ts';
import { indexSql } from '../ddl.ts';
import { pairsOf } from '../match-by-name.ts';
import { leftBehindBy } from '../normalize.ts';
import type { Differing } from './differing.ts';
import type { RecreatedColumns } from './recreated-columns.ts';
import { keyOf, type PlanClause } from './step.ts';

/** The clauses that drop, make and hide indexes; `before` is for a statement of its own, before the others. */
export function indexClauses(
  left: TableModel,
  right: TableModel,
  found: Differing,
  { generatedKey, anew: columns }: { readonly generatedKey: string | null; readonly anew: RecreatedColumns },
): { readonly before: PlanClause[]; readonly drop: PlanClause[]; readonly add: PlanClause[] } {
  const { both, leftOnly, rightOnly } = pairsOf(left.indexes, right.indexes, ({ name }) => name);
  const own = ({ name }: IndexModel) => [keyOf({ kind: 'INDEX', table: right.name, name })];
  const drop = (index: IndexModel, mends = own(index)): PlanClause => ({
    sql: index.name === 'PRIMARY' ? 'drop primary key' : `drop index ${quoteName(index.name)}`,
    mends,
  });
  const add = (index: IndexModel, mends = own(index)): PlanClause => ({
    sql: `add ${indexSql(index)}`,
    mends,
  });
  const bound = boundIndexes(right, found);
  const boundBy = (index: IndexModel) => bound.get(index) ?? [];
  const over = ({ parts }: IndexModel) =>
    parts.flatMap(({ column, expression }) => [
      ...(columns.columns.get(column?.toLowerCase() ?? '') ?? []),
      ...columns.under(expression),
    ]);
  const anew = both.filter(
    ([, other]) =>
      bound.has(other) ||
      over(other).length > 0 ||
      found.of('INDEX', right.name, other.name).some(({ property }) => property !== 'visible'),
  );
  const missing = leftOnly.filter(({ name }) => found.missing('INDEX', right.name, name));
  const extra = rightOnly.filter(({ name }) => found.extra('INDEX', right.name, name));
  const behind = indexesLeftBehind(left, right, found).filter(({ index }) => !extra.includes(index));
  const gone = [...extra, ...anew.map(([, other]) => other)];
  // A table has one primary key, and that of the provider would be the second.
  const instead =
    generatedKey !== null && missing.some(({ name }) => name === 'PRIMARY')
      ? [
          {
            sql: `drop column ${quoteName(generatedKey)}`,
            mends: missing.filter(({ name }) => name === 'PRIMARY').flatMap(own),
          },
        ]
      : [];
  const shown = both.filter(
    ([one, other]) => one.visible !== other.visible && !anew.some(([, index]) => index === other),
  );
  return {
    before: gone
      .filter((index) => bound.has(index))
      .map((index) => drop(index, [...own(index), ...boundBy(index)])),
    drop: [
      ...instead,
      ...gone
        .filter((index) => !bound.has(index))
        .map((index) => drop(index, [...own(index), ...over(index)])),
      ...behind.map(({ index, mends }) => drop(index, mends)),
    ],
    add: [
      ...missing.map((index) => add(index)),
      ...anew.map(([one, other]) => add(one, [...own(other), ...boundBy(other), ...over(other)])),
      ...shown
        .filter(([, other]) => found.changed('INDEX', right.name, other.name))
        .map(([one, other]) => ({
          sql: `alter index ${quoteName(other.name)} ${one.visible ? 'visible' : 'invisible'}`,
          mends: own(other),
        })),
    ],
  };
}

/** Indexes that MySQL made for a foreign key which goes, or gets other columns, and the change that does it. */
export function indexesLeftBehind(left: TableModel, right: TableModel, found: Differing) {
  return right.foreignKeys.flatMap((key) => {
    const differences = found
      .of('FOREIGN_KEY', right.name, key.name)
      .filter(({ property, left }) => property === 'columns' || (property === 'existence' && left === null));
    const index = differences.length === 0 ? undefined : leftBehindBy(key, right, left);
    return index === undefined ? [] : [{ index, mends: differences.map(({ of }) => keyOf(of)) }];
  });
}

/** MySQL looks for the spatial indexes of a column before it drops any in the same statement (3644). */
function boundIndexes(right: TableModel, found: Differing): ReadonlyMap<IndexModel, readonly string[]> {
  return new Map(
    right.indexes.flatMap((index) => {
      if (index.kind !== 'SPATIAL') return [];
      const changes = index.parts.flatMap(({ column }) => found.of('COLUMN', right.name, column ?? ''));
      const why = changes.filter(({ property }) => property === 'srid').map(({ of }) => keyOf(of));
      return why.length === 0 ? [] : [[index, why] as const];
    }),
  );
}
