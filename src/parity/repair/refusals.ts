import { compareSources } from '../../drift/drift.ts';
import { fitting } from '../../information-schema/name-pattern.ts';
import type { OpenedPair } from '../open-pair.ts';
import type { RepairRequest } from './repair.ts';
import { directions, type RowOperation } from './row-operation.ts';
import { sideEffects } from './side-effects.ts';

/** Rows that a repair takes on: more are a case for a new copy. */
const mostOperations = 1_000_000;

/** Why the tables are too different for a repair, each a sentence. */
export function schemaRefusals(
  { snapshots, lone }: OpenedPair,
  { tables, direction }: RepairRequest,
): string[] {
  const { from, to } = directions[direction];
  const wanted = tables.length === 0 ? () => true : fitting(tables);
  const scope = { tables: wanted, programs: false, histories: false };
  const { findings } = compareSources(snapshots[from], snapshots[to], scope);
  const breaking = findings.filter((one) => one.breaking && one.kind !== 'VIEW' && one.kind !== 'TRIGGER');
  return [
    ...lone.map(({ name, only }) => `Only ${only} has the table ${name}.`),
    ...breaking.map(({ object, property }) => `The schemas differ: ${object}, ${property}.`),
  ];
}

/** Why these rows may not be written, each a sentence. */
export function rowRefusals(
  operations: readonly RowOperation[],
  { snapshots }: OpenedPair,
  { direction, over }: RepairRequest,
): string[] {
  if (operations.length > mostOperations)
    return [`More than ${mostOperations} rows differ. Copy the tables anew instead.`];
  const { to } = directions[direction];
  const { schema, notVisible } = snapshots[to];
  const isNamed = fitting(over);
  const effects = sideEffects(operations, schema, to).filter(({ table }) => !isNamed(table));
  const tables = new Set(operations.map(({ pair }) => pair.name).filter((name) => !isNamed(name)));
  const unseen =
    notVisible.includes('TRIGGER') && tables.size > 0
      ? [`The account on ${to} may not see triggers: grant it TRIGGER, or name the tables with --over.`]
      : [];
  return [
    ...unseen,
    ...effects.map(
      ({ table, what }) =>
        `Changes of ${table} set off ${what}: name it with --over ${table} where that is meant.`,
    ),
  ];
}
