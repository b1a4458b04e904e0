import type { ColumnModel, TableModel } from '../../information-schema/model.ts';
import { quoteName } from '../../sql/quote.ts';
import { columnSql } from '../ddl.ts';
import { pairsOf } from '../match-by-name.ts';
import type { Differing } from './differing.ts';
import { longestRun } from './longest-run.ts';
import type { RecreatedColumns } from './recreated-columns.ts';
import { keyOf, type PlanClause } from './step.ts';

/**
 * The clauses that drop, change, move and add columns. MySQL first leaves out dropped columns, then places those with a place in
 * the order of the clauses: so each stands behind one that is in its place already.
 */
export function columnClauses(
  left: TableModel,
  right: TableModel,
  found: Differing,
  { columns, over }: RecreatedColumns,
): PlanClause[] {
  const { both, leftOnly, rightOnly } = pairsOf(left.columns, right.columns, ({ name }) => name);
  const partners = new Map(both);
  const anew = new Set(both.filter(([, { name }]) => columns.has(name.toLowerCase())).map(([one]) => one));
  const keys = (name: string, { moved = false } = {}) => [
    keyOf({ kind: 'COLUMN', table: right.name, name }),
    ...(columns.get(name.toLowerCase()) ?? []),
    ...(moved ? [keyOf({ kind: 'TABLE', table: null, name: right.name })] : []),
  ];
  const drop = ({ name }: ColumnModel) => ({ sql: `drop column ${quoteName(name)}`, mends: keys(name) });

  const kept = both.filter(([one]) => !anew.has(one));
  const at = new Map(kept.map(([one, other]) => [other, left.columns.indexOf(one)]));
  const stay = longestRun(right.columns.flatMap((column) => at.get(column) ?? []));

  return [
    ...rightOnly.filter(({ name }) => found.extra('COLUMN', right.name, name)).map(drop),
    ...both.filter(([one]) => anew.has(one)).map(([, other]) => drop(other)),
    ...left.columns.flatMap((column, index): PlanClause[] => {
      const other = partners.get(column);
      const before = left.columns[index - 1];
      const place = before === undefined ? ' first' : ` after ${quoteName(before.name)}`;
      if (other === undefined || anew.has(column)) {
        if (!anew.has(column) && !leftOnly.includes(column)) return [];
        const added = isUnsafe(column) ? { ...column, default: null } : column;
        return [{ sql: `add column ${columnSql(added)}${place}`, mends: keys(other?.name ?? column.name) }];
      }
      const moved = !stay.has(index);
      const initial = over(other.default?.expression ? other.default.value : null);
      if (!moved && initial.length === 0 && !found.changed('COLUMN', right.name, other.name)) return [];
      const change = column.name === other.name ? 'modify column' : `change column ${quoteName(other.name)}`;
      return [
        {
          sql: `${change} ${columnSql(column)}${moved ? place : ''}`,
          mends: [...keys(other.name, { moved }), ...initial],
        },
      ];
    }),
  ];
}

/** The clauses behind the columns, in a statement of its own: defaults that MySQL takes for no added column. */
export function lateDefaults(left: TableModel, right: TableModel, found: Differing): PlanClause[] {
  return left.columns
    .filter((column) => isUnsafe(column) && found.missing('COLUMN', right.name, column.name))
    .map((column) => ({
      sql: `alter column ${quoteName(column.name)} set default (${column.default?.value})`,
      mends: [keyOf({ kind: 'COLUMN', table: right.name, name: column.name })],
    }));
}

/**
 * MySQL adds no column whose default would be another in each row on a replica (1674).
 * https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html
 */
function isUnsafe({ default: initial, generated }: ColumnModel): boolean {
  return generated === null && initial?.expression === true && unsafe.test(initial.value);
}

const unsafe =
  /\b(uuid|uuid_short|rand|random_bytes|sysdate|user|current_user|session_user|system_user|connection_id|version|database|schema)\s*\(/i;
