import type { CheckModel, TableModel } from '../../information-schema/model.ts';
import { quoteName } from '../../sql/quote.ts';
import { checkSql, commentSql, optionSql, partitioningSql, withoutOptionSql } from '../ddl.ts';
import { pairsOf } from '../match-by-name.ts';
import { columnClauses, lateDefaults } from './columns.ts';
import type { Differing } from './differing.ts';
import { indexClauses } from './indexes.ts';
import { type RecreatedColumns, recreatedIn } from './recreated-columns.ts';
import { alterTable, keyOf, type PlanStep } from './step.ts';

/**
 * All that one table needs but its foreign keys, in one ALTER TABLE. MySQL looks at the table that comes out of it, so
 * that a column goes together with its index, check or partition, and comes together with its key.
 */
export function alterSteps(
  left: TableModel,
  right: TableModel,
  found: Differing,
  {
    generatedKey,
    checksGone,
  }: { readonly generatedKey: string | null; readonly checksGone: ReadonlySet<string> },
): PlanStep[] {
  const anew = recreatedIn(left, right, found);
  const indexes = indexClauses(left, right, found, { generatedKey, anew });
  const checks = checkClauses(left, right, found, { gone: checksGone, anew });
  const options = optionClauses(left, right, found);
  const clauses = [
    ...checks.drop,
    ...indexes.drop,
    ...columnClauses(left, right, found, anew),
    ...indexes.add,
    ...checks.add,
    ...options.clauses,
  ];
  const table = quoteName(right.name);
  return [
    ...alterTable(table, indexes.before),
    ...alterTable(table, clauses, options.last),
    ...alterTable(table, lateDefaults(left, right, found)),
  ];
}

/** Those that the plan drops or creates again; it has dropped `gone` before, since another table needs their names. */
function checkClauses(
  left: TableModel,
  right: TableModel,
  found: Differing,
  { gone, anew: columns }: { readonly gone: ReadonlySet<string>; readonly anew: RecreatedColumns },
) {
  const { both, leftOnly } = pairsOf(left.checks, right.checks, ({ name }) => name);
  const mends = ({ name, expression }: CheckModel) => [
    keyOf({ kind: 'CHECK', table: right.name, name }),
    ...columns.over(expression),
  ];
  const anew = both.filter(
    ([, other]) =>
      columns.over(other.expression).length > 0 ||
      found.of('CHECK', right.name, other.name).some(({ property }) => property === 'expression'),
  );
  const enforced = both.filter(
    ([, other]) =>
      found.changed('CHECK', right.name, other.name) && !anew.some(([, check]) => check === other),
  );
  const dropped = [
    ...right.checks.filter(({ name }) => found.extra('CHECK', right.name, name)),
    ...anew.map(([, other]) => other),
  ];
  const missing = leftOnly.filter(({ name }) => found.missing('CHECK', right.name, name));
  return {
    drop: dropped
      .filter(({ name }) => !gone.has(name))
      .map((check) => ({ sql: `drop check ${quoteName(check.name)}`, mends: mends(check) })),
    add: [
      ...missing.map((check) => ({ sql: `add ${checkSql(check)}`, mends: mends(check) })),
      ...anew.map(([one, other]) => ({ sql: `add ${checkSql(one)}`, mends: mends(other) })),
      ...enforced.map(([one, other]) => ({
        sql: `alter check ${quoteName(other.name)} ${one.enforced ? '' : 'not '}enforced`,
        mends: mends(other),
      })),
    ],
  };
}

function optionClauses(left: TableModel, right: TableModel, found: Differing) {
  const mends = [keyOf({ kind: 'TABLE', table: null, name: right.name })];
  const differs = new Set(found.of('TABLE', null, right.name).map(({ property }) => property));
  const named = (name: string) => differs.has(name.toLowerCase().replaceAll('_', ' '));
  const gone = right.options.filter(({ name }) => !left.options.some((option) => option.name === name));
  const clauses = [
    differs.has('engine') && `engine = ${left.engine}`,
    differs.has('collation') &&
      `default character set ${left.collation.replace(/_.*/, '')} collate ${left.collation}`,
    differs.has('row format') && `row_format = ${left.rowFormat ?? 'default'}`,
    ...left.options.filter(({ name }) => named(name)).map(optionSql),
    ...gone.filter(({ name }) => named(name)).map(withoutOptionSql),
    differs.has('comment') && commentSql(left.comment),
  ].filter((sql) => sql !== false);
  const divided = ['partitioned by', 'partitions', 'partition comments'].some((property) =>
    differs.has(property),
  );
  const division = left.partitioning === null ? 'remove partitioning' : partitioningSql(left.partitioning);
  return {
    clauses: clauses.map((sql) => ({ sql, mends })),
    last: divided ? [{ sql: division, mends }] : [],
  };
}
