import type { SchemaModel, TableModel } from '../information-schema/model.ts';
import { compareColumns } from './compare-columns.ts';
import { compareKeys } from './compare-keys.ts';
import { comparePartitions } from './compare-partitions.ts';
import { type Compared, existence, finding } from './compared.ts';
import { commentSql, createTable, quoted } from './ddl.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { generatedKey, withoutHabits } from './provider-habits.ts';

/** Tables with their columns, keys, indexes, checks and partitions. */
export function compareTables(leftRaw: SchemaModel, rightRaw: SchemaModel, compared: Compared): Finding[] {
  const [left, right] = [withoutHabits(leftRaw), withoutHabits(rightRaw)];
  const { both, leftOnly, rightOnly } = pairsOf(left.tables, right.tables, ({ name }) => name, compared.fold);
  return [
    ...parentsFirst(leftOnly).map((table) =>
      existence('TABLE', table.name, 'left', 'a table', { statements: [createTable(table)] }),
    ),
    // Children first: a table that others refer to cannot be dropped.
    ...parentsFirst(rightOnly)
      .reverse()
      .map((table) =>
        existence('TABLE', table.name, 'right', 'a table', {
          breaking: !compared.mayHaveMore,
          statements: [`drop table ${quoted(table.name)}`],
          losesData: true,
        }),
      ),
    ...both.flatMap(([one, other]) => {
      const raw = rightRaw.tables.find(({ name }) => name === other.name);
      return [
        ...compareOptions(one, other),
        ...compareColumns(one, other, compared),
        ...compareKeys(one, other, { ...compared, replaces: raw === undefined ? null : generatedKey(raw) }),
        ...comparePartitions(one, other),
      ];
    }),
  ];
}

function compareOptions(left: TableModel, right: TableModel): Finding[] {
  const alter = (what: string) => [`alter table ${quoted(right.name)} ${what}`];
  const differs = (
    property: 'engine' | 'collation' | 'comment' | 'rowFormat',
    breaking: boolean,
    sql: string,
  ) =>
    left[property] === right[property]
      ? []
      : [
          finding(
            'TABLE',
            right.name,
            property === 'rowFormat' ? 'row format' : property,
            [left[property], right[property]],
            { breaking, statements: alter(sql) },
          ),
        ];
  return [
    ...differs('engine', true, `engine = ${left.engine}`),
    ...differs(
      'collation',
      true,
      `default character set ${left.collation.replace(/_.*/, '')} collate ${left.collation}`,
    ),
    ...differs('comment', false, commentSql(left.comment)),
    ...differs('rowFormat', false, `row_format = ${left.rowFormat ?? 'default'}`),
  ];
}

/** Each table after those that its foreign keys refer to, as far as there is such an order. */
function parentsFirst(tables: readonly TableModel[]): TableModel[] {
  const ordered = new Set<TableModel>();
  const visit = (table: TableModel, seen: ReadonlySet<TableModel>) => {
    if (ordered.has(table) || seen.has(table)) return;
    for (const { references } of table.foreignKeys) {
      const parent = tables.find(({ name }) => name === references.table);
      if (parent !== undefined) visit(parent, new Set([...seen, table]));
    }
    ordered.add(table);
  };
  for (const table of tables) visit(table, new Set());
  return [...ordered];
}
