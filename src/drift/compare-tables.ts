import type { SchemaModel, TableModel } from '../information-schema/model.ts';
import { compareChecks } from './compare-checks.ts';
import { compareColumns } from './compare-columns.ts';
import { compareForeignKeys } from './compare-foreign-keys.ts';
import { compareIndexes } from './compare-indexes.ts';
import { comparePartitions } from './compare-partitions.ts';
import type { Difference } from './finding.ts';
import { alone, type Compared, comparing, existence } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';

/** Tables with their columns, keys, indexes, checks and partitions, of models without the habits of providers. */
export function compareTables(left: SchemaModel, right: SchemaModel, compared: Compared): Difference[] {
  const { notVisible } = compared;
  const { both, leftOnly, rightOnly } = pairsOf(left.tables, right.tables, ({ name }) => name, compared.fold);
  const of = ({ name }: TableModel) => alone('TABLE', name);
  return [
    ...leftOnly.map((table) => existence(of(table), 'left', 'a table')),
    ...rightOnly.map((table) => existence(of(table), 'right', 'a table', { losesData: true })),
    ...both.flatMap(([one, other]) => [
      ...compareOptions(one, other),
      ...compareColumns(one, other, compared),
      ...compareIndexes(one, other, compared),
      ...(notVisible.has('FOREIGN_KEY') ? [] : compareForeignKeys(one, other, compared)),
      ...(notVisible.has('CHECK') ? [] : compareChecks(one, other)),
      ...comparePartitions(one, other),
    ]),
  ];
}

function compareOptions(left: TableModel, right: TableModel): Difference[] {
  const differs = comparing(alone('TABLE', right.name));
  const looks = { breaking: false };
  const { both, leftOnly, rightOnly } = pairsOf(left.options, right.options, ({ name }) => name);
  const property = ({ name }: { readonly name: string }) => name.toLowerCase().replaceAll('_', ' ');
  return [
    ...differs('engine', [left.engine, right.engine]),
    ...differs('collation', [left.collation, right.collation]),
    ...differs('comment', [left.comment, right.comment], looks),
    ...differs('row format', [left.rowFormat, right.rowFormat], looks),
    ...leftOnly.flatMap((option) => differs(property(option), [option.value, null], looks)),
    ...rightOnly.flatMap((option) => differs(property(option), [null, option.value], looks)),
    ...both.flatMap(([one, other]) =>
      differs(property(one), [one.value, other.value], {
        ...looks,
        same: one.value.toLowerCase() === other.value.toLowerCase(),
      }),
    ),
  ];
}
