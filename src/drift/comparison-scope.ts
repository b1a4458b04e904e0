import type { SchemaModel } from '../information-schema/model.ts';

/** Both clouds beside each other, the entities beside each, and which migrations ran. */
export const parts = ['azure-gcp', 'entities', 'histories'] as const;

export type Part = (typeof parts)[number];

/** A given name fits no table and no view, so that "no difference" would be a wrong answer. */
export class NothingToCompare extends Error {
  override readonly name = 'NothingToCompare';
}

/** The parts to compare; absent: all. */
export interface ComparisonScope {
  /** Whether a table or view of this name is, with its triggers. */
  readonly tables?: (name: string) => boolean;
  /** Whether routines and events are. */
  readonly programs?: boolean;
  readonly schemas?: boolean;
  readonly histories?: boolean;
}

/**
 * The left side with what is not compared as the right side has it. So no difference is found there and nothing is offered
 * for it, and the plan knows all the same what stands in its way, as a foreign key to a table that it changes.
 */
export function withinScope(
  { tables: compared = () => true, programs = true }: ComparisonScope,
  left: SchemaModel,
  right: SchemaModel,
): SchemaModel {
  const those = <T>(ours: readonly T[], theirs: readonly T[], nameOf: (one: T) => string): readonly T[] => {
    const kept = ours.filter((one) => compared(nameOf(one)));
    const added = theirs.filter((one) => !compared(nameOf(one)));
    return added.length === 0 && kept.length === ours.length
      ? ours
      : [...kept, ...added].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  };
  const named = ({ name }: { readonly name: string }) => name;
  return {
    ...left,
    tables: those(left.tables, right.tables, named),
    views: those(left.views, right.views, named),
    triggers: those(left.triggers, right.triggers, ({ table }) => table),
    routines: programs ? left.routines : right.routines,
    events: programs ? left.events : right.events,
  };
}
