import type { SchemaModel, TableModel } from '../../information-schema/model.ts';
import { quoteName } from '../../sql/quote.ts';
import { createTable } from '../ddl.ts';
import type { Difference } from '../finding.ts';
import { alone, type Compared } from '../finding-builder.ts';
import { differing } from './differing.ts';
import { addClause, dropClause, foreignKeySteps } from './foreign-keys.ts';
import { programSteps } from './programs.ts';
import { alterTable, keyOf, type PlanClause, type PlanStep, steps } from './step.ts';
import { alterSteps } from './tables.ts';
import { allowingZeroDates, hasZeroDates } from './zero-dates.ts';

/**
 * Makes the right schema as the left one is, in an order in which MySQL takes it: events, triggers, views, routines
 * and foreign keys that are in the way go first, then tables; each table that stays is altered once; then come tables,
 * foreign keys, routines, views, triggers and events. Pure: it asks no database.
 */
export function repairPlanOf({
  left,
  right,
  differences,
  compared,
  generatedKeys,
}: {
  readonly left: SchemaModel;
  readonly right: SchemaModel;
  readonly differences: readonly Difference[];
  readonly compared: Compared;
  /** The primary keys that a provider made by itself, by table; null where there is none. */
  readonly generatedKeys: ReadonlyMap<string, string | null>;
}): { readonly steps: readonly PlanStep[]; readonly notes: readonly string[] } {
  const found = differing(differences);
  const of = ({ name }: TableModel) => keyOf(alone('TABLE', name));
  const programs = programSteps(left, right, found, compared);
  const keys = foreignKeySteps(left, right, found);
  const gone = childrenFirst(right.tables.filter(({ name }) => found.extra('TABLE', null, name)));
  const missing = parentsFirst(left.tables.filter(({ name }) => found.missing('TABLE', null, name)));
  const wanted = new Map(left.tables.map((table) => [table.name, table]));
  const pairs = right.tables.flatMap((table) => {
    const one = wanted.get(table.name);
    return one === undefined ? [] : [[one, table] as const];
  });
  const checksGone = movedChecks(left, differences);

  const unbound = [
    ...keys.drop.map((step) => ({ table: step.table, clause: dropClause(step) })),
    ...gone.early.map(({ table, key }) => ({
      table: table.name,
      clause: dropClause({ table: table.name, key, mends: [of(table)] }),
    })),
    ...checksGone.map(({ table, name }): { table: string; clause: PlanClause } => ({
      table,
      clause: { sql: `drop check ${quoteName(name)}`, mends: [keyOf({ kind: 'CHECK', table, name })] },
    })),
  ];
  // MySQL checks the defaults of a table with such dates at every change of it.
  const strange = new Set([...left.tables, ...right.tables].filter(hasZeroDates).map(({ name }) => name));
  const allowing = (table: string, steps: readonly PlanStep[]) =>
    strange.has(table) ? allowingZeroDates(steps) : steps;
  const unbind = [...Map.groupBy(unbound, ({ table }) => table)].flatMap(([table, group]) =>
    allowing(
      table,
      alterTable(
        quoteName(table),
        group.map(({ clause }) => clause),
      ),
    ),
  );
  const dropTables = gone.ordered.flatMap((table) =>
    steps([`drop table ${quoteName(table.name)}`], [of(table)]),
  );
  const alter = pairs.flatMap(([one, other]) => {
    const gone = new Set(checksGone.filter(({ table }) => table === other.name).map(({ name }) => name));
    const own = { generatedKey: generatedKeys.get(other.name) ?? null, checksGone: gone };
    return allowing(other.name, alterSteps(one, other, found, own));
  });
  const createTables = missing.ordered.flatMap((table) => {
    const late = new Set(missing.late.get(table));
    const inside = table.foreignKeys.filter((key) => !late.has(key));
    return allowing(table.name, steps([createTable(table, inside)], [of(table)]));
  });
  const late = [...missing.late].flatMap(([table, keys]) =>
    keys.map((key) => ({ table: table.name, key, mends: [of(table)] })),
  );
  const bind = [...Map.groupBy([...keys.add, ...late], ({ table }) => table)].flatMap(([table, keys]) =>
    allowing(table, alterTable(quoteName(table), keys.map(addClause))),
  );
  return {
    steps: [
      ...programs.drop,
      ...unbind,
      ...dropTables,
      ...alter,
      ...createTables,
      ...bind,
      ...programs.create,
    ],
    notes: programs.notes,
  };
}

/** Each table behind those that it refers to, and the keys for which there is no such order. */
function parentsFirst(tables: readonly TableModel[]) {
  const ordered = new Set<TableModel>();
  const names = new Map(tables.map((table) => [table.name, table]));
  const late = new Map<TableModel, TableModel['foreignKeys'][number][]>();
  const visiting = new Set<TableModel>();
  const visit = (table: TableModel) => {
    if (ordered.has(table) || visiting.has(table)) return;
    visiting.add(table);
    for (const key of table.foreignKeys) {
      const parent = key.references.schema === null ? names.get(key.references.table) : undefined;
      if (parent === undefined || parent === table) continue;
      visit(parent);
      if (!ordered.has(parent)) late.set(table, [...(late.get(table) ?? []), key]);
    }
    visiting.delete(table);
    ordered.add(table);
  };
  for (const table of tables) visit(table);
  return { ordered: [...ordered], late };
}

/** Each table before those that it refers to; keys for which there is no such order go early. */
function childrenFirst(tables: readonly TableModel[]) {
  const { ordered, late } = parentsFirst(tables);
  return {
    ordered: ordered.toReversed(),
    early: [...late].flatMap(([table, keys]) => keys.map((key) => ({ table, key }))),
  };
}

/** A check has one name in the whole schema: where it moved to another table, it goes before that one is changed. */
function movedChecks(left: SchemaModel, differences: readonly Difference[]) {
  const wanted = new Map(
    left.tables.flatMap(({ name, checks }) => checks.map((check) => [check.name.toLowerCase(), name])),
  );
  return differences.flatMap(({ of: { kind, table, name }, left, property }) => {
    const to = wanted.get(name.toLowerCase());
    const moved =
      kind === 'CHECK' && property === 'existence' && left === null && to !== undefined && to !== table;
    return moved && table !== null ? [{ table, name }] : [];
  });
}
