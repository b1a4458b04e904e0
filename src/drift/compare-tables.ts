import type { SchemaModel, TableModel } from '../information-schema/model.ts';
import { compareChecks } from './compare-checks.ts';
import { compareColumns } from './compare-columns.ts';
import { compareForeignKeys } from './compare-foreign-keys.ts';
import { compareIndexes } from './compare-indexes.ts';
import { comparePartitions } from './compare-partitions.ts';
import { type Compared, comparing, existence } from './compared.ts';
import { commentSql, createTable, quoted } from './ddl.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';
import { generatedKey, withoutHabits } from './provider-habits.ts';

/** Tables with their columns, keys, indexes, checks and partitions. */
export function compareTables(leftRaw: SchemaModel, rightRaw: SchemaModel, compared: Compared): Finding[] {
  const { notVisible } = compared;
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
        ...compareIndexes(one, other, {
          ...compared,
          replaces: raw === undefined ? null : generatedKey(raw),
        }),
        ...(notVisible.has('FOREIGN_KEY') ? [] : compareForeignKeys(one, other, compared)),
        ...(notVisible.has('CHECK') ? [] : compareChecks(one, other)),
        ...comparePartitions(one, other),
      ];
    }),
  ];
}

function compareOptions(left: TableModel, right: TableModel): Finding[] {
  const { engine, collation, comment, rowFormat } = left;
  const differs = comparing('TABLE', right.name, { statements: [] });
  const by = (sql: string) => ({ statements: [`alter table ${quoted(right.name)} ${sql}`] });
  const looks = { breaking: false };
  const charset = collation.replace(/_.*/, '');
  return [
    ...differs('engine', [engine, right.engine], by(`engine = ${engine}`)),
    ...differs(
      'collation',
      [collation, right.collation],
      by(`default character set ${charset} collate ${collation}`),
    ),
    ...differs('comment', [comment, right.comment], { ...looks, ...by(commentSql(comment)) }),
    ...differs('row format', [rowFormat, right.rowFormat], {
      ...looks,
      ...by(`row_format = ${rowFormat ?? 'default'}`),
    }),
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
