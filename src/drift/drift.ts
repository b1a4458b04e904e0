import type { MikroORM } from '@mikro-orm/mysql';
import type { Asking } from '../information-schema/asking.ts';
import type { SchemaModel } from '../information-schema/model.ts';
import { migrationsOf } from '../migrator/level.ts';
import type { SourceName } from '../source-name.ts';
import { compareSchemas } from './compare.ts';
import type { Compared } from './compared.ts';
import { schemaOfEntities } from './entities.ts';
import { type Extent, within } from './extent.ts';
import type { Comparison, Kind, Plan } from './finding.ts';
import { foreseen } from './foresee.ts';
import { compareHistories, compareWithFiles } from './histories.ts';
import { type Observed, observe } from './observe.ts';
import { foldOf } from './provider-habits.ts';

/** Compares two databases; the left one is taken for right. */
export function compareSources(left: Observed, right: Observed, extent: Extent = {}): Comparison {
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
  return {
    left: left.source,
    right: right.source,
    findings: [...(histories ? compareHistories(left.history, right.history) : []), ...findings],
    plan,
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
  { schema, facts }: Observed,
  extent: Extent,
  compared: Partial<Compared>,
): Pick<Comparison, 'findings' | 'plan'> {
  if (extent.schemas === false) return nothing;
  const { findings, plan } = compareSchemas(within(extent, left, schema), schema, compared);
  return { findings, plan: { ...plan, notes: [...plan.notes, ...foreseen(plan.statements, facts)] } };
}

/** What entities say something of, and an account may not see. */
const ofEntities: readonly Kind[] = ['FOREIGN_KEY', 'CHECK'];

/**
 * Compares a database with the entities and the migrations of this build, which are taken for right. Tables that no entity
 * names are somebody else's: they are listed, and nothing is found of them or offered for them.
 */
export async function compareWithEntities(
  orm: Pick<MikroORM, 'getMetadata' | 'em' | 'config'>,
  observed: Observed,
  extent: Extent = {},
): Promise<Comparison> {
  const { tables = () => true, schemas = true, histories = true } = extent;
  const { schema, source, history, ignores } = observed;
  const fold = foldOf(observed.facts.lowerCaseTableNames);
  const notVisible = new Set(observed.notVisible.filter((kind) => ofEntities.includes(kind)));
  const wanted = schemaOfEntities(orm, schema, fold);
  const managed = new Set(wanted.tables.map(({ name }) => fold(name)));
  const wide = (name: string) => tables(name) && !ignores(name);
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
  const notManaged = schema.tables.map(({ name }) => name).filter((name) => !managed.has(fold(name)));
  return {
    left: 'ENTITIES',
    right: source,
    findings: [...(histories ? compareWithFiles(await migrationsOf(source), history) : []), ...findings],
    plan: withViewsInTheWay(plan, wanted, schema, fold),
    notVisible: [...notVisible],
    notManaged: schemas ? notManaged.filter(wide) : [],
  };
}

/** A view is no affair of the entities, and so is left where a table is to be (1050). */
function withViewsInTheWay(
  plan: Plan,
  wanted: SchemaModel,
  { views }: SchemaModel,
  fold: (name: string) => string,
): Plan {
  if (plan.statements.length === 0) return plan;
  const tables = new Set(wanted.tables.map(({ name }) => fold(name)));
  const inTheWay = views.filter(({ name }) => tables.has(fold(name)));
  const notes = inTheWay.map(
    ({ name }) =>
      `There is a view called ${name}: the table cannot be made before that is renamed or dropped.`,
  );
  return { ...plan, notes: [...plan.notes, ...notes] };
}

/** Asks one database and compares it with the entities. `em` may be of any account that sees the tables. */
export async function driftOf(
  source: SourceName,
  orm: Pick<MikroORM, 'getMetadata' | 'em' | 'config'>,
  em: Asking,
  ignored: readonly string[] = [],
): Promise<Comparison> {
  return compareWithEntities(orm, await observe(source, em, ignored));
}
