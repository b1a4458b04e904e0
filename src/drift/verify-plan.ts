import type { Asking } from '../information-schema/asking.ts';
import type { SchemaModel } from '../information-schema/model.ts';
import { readSchema } from '../information-schema/read.ts';
import { compareSchemas } from './compare.ts';
import type { Comparison, Verification } from './finding.ts';
import type { SchemaSnapshot } from './snapshot.ts';

/**
 * Runs a plan on a copy of the schema that it is for. The copy is made in an empty database of the same server, whose
 * connection `scratch` has to be one session, and is taken away again. Never throws for what a server refuses.
 */
export async function verifyPlan(
  scratch: Asking,
  {
    observed,
    plan,
    again,
  }: {
    /** What the plan changes. */
    readonly observed: SchemaSnapshot;
    readonly plan: Comparison['plan'];
    /** Compares with the copy what the plan was made from. */
    readonly again: (copy: SchemaSnapshot) => Promise<Comparison> | Comparison;
  },
): Promise<Verification> {
  const nothing: SchemaModel = {
    ...observed.schema,
    tables: [],
    views: [],
    triggers: [],
    routines: [],
    events: [],
  };
  const before = await readSchema(scratch);
  if (isFilled(before)) return { state: 'NOT_VERIFIED', detail: 'the scratch database is not empty' };
  try {
    const copied = await run(scratch, compareSchemas(observed.schema, nothing).plan.statements);
    if (copied !== null) return { state: 'NOT_VERIFIED', detail: `no copy could be made, ${copied}` };
    const refused = await run(scratch, plan.statements);
    if (refused !== null) return { state: 'FAILED', detail: refused };
    const { findings } = await again({ ...observed, schema: await readSchema(scratch) });
    const left = findings.filter(({ kind }) => kind !== 'MIGRATION');
    if (left.length === 0) return { state: 'VERIFIED', detail: null };
    const objects = left.map(({ object, property }) => `${object} (${property})`).join(', ');
    return { state: 'FAILED', detail: `it leaves ${objects}` };
  } finally {
    await run(scratch, compareSchemas(nothing, await readSchema(scratch)).plan.statements);
  }
}

function isFilled({ tables, views, routines, events }: SchemaModel): boolean {
  return [tables, views, routines, events].some((list) => list.length > 0);
}

/** Which statement was refused, and by which number of MySQL's; null where all ran. */
async function run(scratch: Asking, statements: readonly string[]): Promise<string | null> {
  for (const [at, sql] of statements.entries()) {
    try {
      await scratch.execute(sql);
    } catch (error) {
      // A lost session must not leave a later statement in another mode.
      const number = (error as { readonly errno?: unknown }).errno;
      return `MySQL refuses statement ${at + 1} of ${statements.length}${typeof number === 'number' ? ` (${number})` : ''}`;
    }
  }
  return null;
}
