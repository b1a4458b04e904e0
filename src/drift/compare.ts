import { generatedKey } from '../information-schema/generated-key.ts';
import type { SchemaModel } from '../information-schema/model.ts';
import { compareEvents } from './compare-events.ts';
import { compareRoutines } from './compare-routines.ts';
import { compareTables } from './compare-tables.ts';
import { compareTriggers } from './compare-triggers.ts';
import { compareViews } from './compare-views.ts';
import type { Difference, DriftFinding, RepairPlan, SchemaObject } from './finding.ts';
import type { Compared } from './finding-builder.ts';
import { normalizeSchema } from './normalize.ts';
import { repairPlanOf } from './plan/plan.ts';
import { keyOf } from './plan/step.ts';
import { spelledAs } from './spelling.ts';

/**
 * Every difference between two schemas, in the order of the objects' names, and what would make the right side as the
 * left one is. Pure: it asks no database.
 */
export function compareSchemas(
  leftRaw: SchemaModel,
  rightRaw: SchemaModel,
  { fold = (name: string) => name, mayHaveMore = false, notVisible = new Set() }: Partial<Compared> = {},
): { readonly findings: DriftFinding[]; readonly plan: RepairPlan } {
  const compared = { fold, mayHaveMore, notVisible };
  const [left, right] = spelledAs(normalizeSchema(leftRaw), normalizeSchema(rightRaw), fold);
  const tables = compareTables(left, right, compared);
  const differences = mayHaveMore
    ? // Entities say nothing of the rest.
      tables
    : [
        ...tables,
        ...(notVisible.has('VIEW') ? [] : compareViews(left.views, right.views, compared)),
        ...(notVisible.has('TRIGGER') ? [] : compareTriggers(left.triggers, right.triggers, compared)),
        ...(notVisible.has('ROUTINE') ? [] : compareRoutines(left.routines, right.routines)),
        ...(notVisible.has('EVENT') ? [] : compareEvents(left.events, right.events)),
      ];
  const generatedKeys = new Map(rightRaw.tables.map((table) => [table.name, generatedKey(table)]));
  const { steps, notes } = repairPlanOf({ left, right, differences, compared, generatedKeys });
  const mending = new Map<string, string[]>();
  for (const { sql, mends } of steps) {
    for (const key of new Set(mends)) mending.set(key, [...(mending.get(key) ?? []), sql]);
  }
  return {
    findings: differences.map((difference) => findingOf(difference, mending.get(keyOf(difference.of)) ?? [])),
    plan: {
      statements: steps.map(({ sql }) => sql),
      notes,
      verification: { state: 'NOT_VERIFIED', detail: null },
    },
  };
}

export function findingOf(
  { of, ...difference }: Difference,
  statements: readonly string[] = [],
): DriftFinding {
  return { kind: of.kind, object: objectOf(of), ...difference, statements };
}

/** A routine's kind is not part of its name. */
function objectOf({ kind, table, name }: SchemaObject): string {
  return table === null || kind === 'ROUTINE' ? name : `${table}.${name}`;
}
