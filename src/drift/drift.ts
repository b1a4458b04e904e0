import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import type { SchemaModel } from '../information-schema/model.ts';
import { migrationsOf } from '../information-schema/schema-version.ts';
import type { SourceName } from '../source-name.ts';
import { compareSchemas } from './compare.ts';
import { compareHistories, compareWithFiles } from './compare-migrations.ts';
import { type ComparisonScope, withinScope } from './comparison-scope.ts';
import type { EntityOrm } from './declared-schema.ts';
import { expectedFailures } from './expected-failures.ts';
import type { Comparison, Kind, RepairPlan } from './finding.ts';
import type { Compared } from './finding-builder.ts';
import { foldOf } from './normalize.ts';
import { type Render, renderingOn } from './render-tables.ts';
import { entitySchema } from './rendered-entity-schema.ts';
import { type SchemaSnapshot, takeSnapshot } from './snapshot.ts';
import { spellingDifferences } from './spelling-differences.ts';
import { hiddenDefinitions } from './visibility.ts';

/** Compares two databases; the left one counts as right. */
export function compareSources(
  left: SchemaSnapshot,
  right: SchemaSnapshot,
  extent: ComparisonScope = {},
): Comparison {
  const { tables = () => true, histories = true } = extent;
  const notVisible = new Set([...left.notVisible, ...right.notVisible]);
  const fold = foldOf(left.facts.lowerCaseTableNames, right.facts.lowerCaseTableNames);
  const compared = (name: string) => tables(name) && !left.ignores(name) && !right.ignores(name);
  const { findings, plan } = comparedSchemas(
    left.schema,
    right,
    { ...extent, tables: compared },
    {
      fold,
      notVisible,
    },
  );
  const hidden = [left, right].flatMap(({ source, schema }) =>
    extent.schemas === false
      ? []
      : hiddenDefinitions(source, schema, { ...extent, tables: compared }, notVisible),
  );
  return {
    left: left.source,
    right: right.source,
    findings: [...(histories ? compareHistories(left.history, right.history) : []), ...findings],
    plan: { ...plan, notes: [...plan.notes, ...hidden] },
    notVisible: [...notVisible],
    notManaged: [],
  };
}

const nothing: Pick<Comparison, 'findings' | 'plan'> = {
  findings: [],
  plan: { statements: [], notes: [], verification: { state: 'NOT_VERIFIED', detail: null } },
};

function comparedSchemas(
  left: SchemaModel,
  { schema, facts }: SchemaSnapshot,
  extent: ComparisonScope,
  compared: Partial<Compared>,
): Pick<Comparison, 'findings' | 'plan'> {
  if (extent.schemas === false) return nothing;
  const { findings, plan } = compareSchemas(withinScope(extent, left, schema), schema, compared);
  return { findings, plan: { ...plan, notes: [...plan.notes, ...expectedFailures(plan.statements, facts)] } };
}

/** Objects that entities declare, and that an account may not see. */
const ofEntities: readonly Kind[] = ['FOREIGN_KEY', 'CHECK'];

/**
 * Compares a database with the entities and the migrations of this build, which count as right. Tables that no entity
 * names belong to other programs: the report lists them, without findings or statements.
 *
 * @param render brings the entities into the server's spelling; without it, what may be spelling alone breaks nothing
 */
export async function compareWithEntities(
  orm: EntityOrm,
  observed: SchemaSnapshot,
  extent: ComparisonScope = {},
  render: Render | null = null,
): Promise<Comparison> {
  const { tables = () => true, schemas = true, histories = true } = extent;
  const { schema, source, history, ignores } = observed;
  const fold = foldOf(observed.facts.lowerCaseTableNames);
  const notVisible = new Set(observed.notVisible.filter((kind) => ofEntities.includes(kind)));
  const wide = (name: string) => tables(name) && !ignores(name);
  const wantedBy = await entitySchema(orm, schema, {
    compared: { fold, mayHaveMore: true, notVisible },
    isCompared: wide,
    render: schemas ? render : null,
  });
  const { schema: wanted, isRendered, refused } = wantedBy;
  const managed = new Set(wanted.tables.map(({ name }) => fold(name)));
  const compared = (name: string) => managed.has(fold(name)) && wide(name);
  const { findings, plan } = comparedSchemas(
    wanted,
    observed,
    { ...extent, tables: compared },
    {
      fold,
      mayHaveMore: true,
      notVisible,
    },
  );
  const inDoubt = (object: string) =>
    !isRendered || [...refused.keys()].some((table) => fold(object).startsWith(`${fold(table)}.`));
  const rendering = { ...plan, notes: [...plan.notes, ...[...refused].map(notRendered)] };
  const notManaged = schema.tables.map(({ name }) => name).filter((name) => !managed.has(fold(name)));
  return {
    left: 'ENTITIES',
    right: source,
    findings: [
      ...(histories ? compareWithFiles(await migrationsOf(source), history) : []),
      ...spellingDifferences(findings, inDoubt),
    ],
    plan: withViewsInTheWay(rendering, wanted, schema, fold),
    notVisible: [...notVisible],
    notManaged: schemas ? notManaged.filter(wide) : [],
  };
}

/** The entities own no views, so a view stays in the place of a table to create (1050). */
function withViewsInTheWay(
  plan: RepairPlan,
  wanted: SchemaModel,
  { views }: SchemaModel,
  fold: (name: string) => string,
): RepairPlan {
  if (plan.statements.length === 0) return plan;
  const tables = new Set(wanted.tables.map(({ name }) => fold(name)));
  const inTheWay = views.filter(({ name }) => tables.has(fold(name)));
  const notes = inTheWay.map(
    ({ name }) =>
      `There is a view called ${name}: the table cannot be made before that is renamed or dropped.`,
  );
  return { ...plan, notes: [...plan.notes, ...notes] };
}

function notRendered([table, why]: readonly [string, string]): string {
  return `The server makes no scratch table of the entity’s ${table} (${why}): its types, defaults, checks and expressions are compared as the entity spells them.`;
}

/**
 * Asks one database and compares it with the entities. The account sees the tables, and may make and drop scratch
 * tables for the entities that differ.
 */
export async function driftOf(
  source: SourceName,
  orm: EntityOrm,
  em: CatalogueConnection,
  ignored: readonly string[] = [],
): Promise<Comparison> {
  const render = renderingOn(orm, (work) => work(em));
  return compareWithEntities(orm, await takeSnapshot(source, em, ignored), {}, render);
}
