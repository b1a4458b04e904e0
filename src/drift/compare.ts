import type { SchemaModel } from '../information-schema/model.ts';
import { compareEvents } from './compare-events.ts';
import { compareRoutines } from './compare-routines.ts';
import { compareTables } from './compare-tables.ts';
import { compareTriggers } from './compare-triggers.ts';
import { compareViews } from './compare-views.ts';
import type { Compared } from './compared.ts';
import type { Finding } from './finding.ts';

/**
 * Every difference between two schemas, in the order of the objects' names. The left side is taken for right.
 * Nothing is asked of a database.
 */
export function compareSchemas(
  left: SchemaModel,
  right: SchemaModel,
  { fold = (name: string) => name, mayHaveMore = false, notVisible = new Set() }: Partial<Compared> = {},
): Finding[] {
  const compared = { fold, mayHaveMore, notVisible };
  const tables = compareTables(left, right, compared);
  // Entities say nothing of the rest.
  if (mayHaveMore) return tables;
  return [
    ...tables,
    ...(notVisible.has('VIEW') ? [] : compareViews(left.views, right.views, compared)),
    ...(notVisible.has('TRIGGER') ? [] : compareTriggers(left.triggers, right.triggers, compared)),
    ...(notVisible.has('ROUTINE') ? [] : compareRoutines(left.routines, right.routines)),
    ...(notVisible.has('EVENT') ? [] : compareEvents(left.events, right.events)),
  ];
}
