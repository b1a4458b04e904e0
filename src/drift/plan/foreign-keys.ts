import type { ForeignKeyModel, SchemaModel, TableModel } from '../../information-schema/model.ts';
import { quoteName } from '../../sql/quote.ts';
import { foreignKeySql } from '../ddl.ts';
import { pairsOf } from '../match-by-name.ts';
import type { Differing } from './differing.ts';
import { indexesLeftBehind } from './indexes.ts';
import { recreatedIn } from './recreated-columns.ts';
import { keyOf, type PlanClause } from './step.ts';

/** A foreign key of the right side, or for it, in its table; `mends` tells why it goes or comes. */
export interface KeyStep {
  readonly table: string;
  readonly key: ForeignKeyModel;
  readonly mends: readonly string[];
}

/**
 * The foreign keys that have to go before tables change, and those that come after: what is extra, missing or changed,
 * and what stands in the way of a change of its columns, of their indexes or of a table.
 */
export function foreignKeySteps(
  left: SchemaModel,
  right: SchemaModel,
  found: Differing,
): { readonly drop: readonly KeyStep[]; readonly add: readonly KeyStep[] } {
  const drop: KeyStep[] = [];
  const add: KeyStep[] = [];
  const wanted = new Map(left.tables.map((table) => [table.name, table]));
  const touched = new Map(
    right.tables.map((table) => [table.name, touchedIn(wanted.get(table.name), table, found)] as const),
  );
  for (const table of right.tables) {
    const one = wanted.get(table.name);
    if (one === undefined) continue;
    const { both, leftOnly, rightOnly } = pairsOf(one.foreignKeys, table.foreignKeys, ({ name }) => name);
    const of = ({ name }: ForeignKeyModel) => keyOf({ kind: 'FOREIGN_KEY', table: table.name, name });
    const extra = ({ name }: ForeignKeyModel) => found.extra('FOREIGN_KEY', table.name, name);
    for (const key of rightOnly.filter(extra)) drop.push({ table: table.name, key, mends: [of(key)] });
    for (const key of leftOnly) add.push({ table: table.name, key, mends: [of(key)] });
    for (const [key, other] of both) {
      const { references } = other;
      const why = [
        ...(found.changed('FOREIGN_KEY', table.name, other.name) ? [of(other)] : []),
        ...(touched.get(table.name)?.(other.columns) ?? []),
        ...(references.schema === null ? (touched.get(references.table)?.(references.columns) ?? []) : []),
      ];
      if (why.length === 0) continue;
      drop.push({ table: table.name, key: other, mends: why });
      add.push({ table: table.name, key, mends: why });
    }
  }
  return { drop, add };
}

export function dropClause({ key, mends }: KeyStep): PlanClause {
  return { sql: `drop foreign key ${quoteName(key.name)}`, mends };
}

export function addClause({ key, mends }: KeyStep): PlanClause {
  return { sql: `add ${foreignKeySql(key)}`, mends };
}

/** The differences of a table that would be in the way of a foreign key over these columns: their keys. */
function touchedIn(left: TableModel | undefined, right: TableModel, found: Differing) {
  if (left === undefined) return () => [keyOf({ kind: 'TABLE', table: null, name: right.name })];
  const whole = found
    .of('TABLE', null, right.name)
    .filter(({ property }) => property === 'engine' || property.startsWith('partition'))
    .map(({ of }) => keyOf(of));
  const made = recreatedIn(left, right, found);
  const partners = new Map(
    pairsOf(left.columns, right.columns, ({ name }) => name).both.map(([a, b]) => [b, a]),
  );
  const columns = right.columns.flatMap((column) => {
    const one = partners.get(column);
    const differs = found
      .of('COLUMN', right.name, column.name)
      .filter(({ property }) => !harmless.has(property));
    const anew = one !== undefined && made.columns.has(column.name.toLowerCase());
    return differs.length === 0 && !anew ? [] : [column.name.toLowerCase()];
  });
  // A plan drops and adds even one that only gets another comment.
  const indexes = [
    ...right.indexes.filter(({ name }) =>
      found.of('INDEX', right.name, name).some(({ property }) => property !== 'visible'),
    ),
    ...indexesLeftBehind(left, right, found).map(({ index }) => index),
  ];
  return (names: readonly string[]): string[] => {
    const own = names.map((name) => name.toLowerCase());
    const over = indexes.filter(({ parts }) => own.includes(parts[0]?.column?.toLowerCase() ?? ''));
    return [
      ...whole,
      ...columns
        .filter((name) => own.includes(name))
        .map((name) => right.columns.find((column) => column.name.toLowerCase() === name)?.name ?? name)
        .map((name) => keyOf({ kind: 'COLUMN', table: right.name, name })),
      ...over.map(({ name }) => keyOf({ kind: 'INDEX', table: right.name, name })),
    ];
  };
}

/** Properties of a column that may change under a foreign key. */
const harmless = new Set(['default', 'comment', 'invisible', 'on update']);
