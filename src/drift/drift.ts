import type { MikroORM } from '@mikro-orm/mysql';
import type { Asking } from '../information-schema/asking.ts';
import { migrationsOf } from '../migrator/level.ts';
import type { SourceName } from '../source-name.ts';
import { compareSchemas } from './compare.ts';
import { schemaOfEntities } from './entities.ts';
import type { Comparison, Kind, Plan } from './finding.ts';
import { foreseen } from './foresee.ts';
import { compareHistories, compareWithFiles } from './histories.ts';
import { type Observed, observe } from './observe.ts';
import { foldOf } from './provider-habits.ts';

/** Compares two databases; the left one is taken for right. */
export function compareSources(left: Observed, right: Observed): Comparison {
  const notVisible = new Set([...left.notVisible, ...right.notVisible]);
  const fold = foldOf(left.facts.lowerCaseTableNames, right.facts.lowerCaseTableNames);
  const { findings, plan } = compareSchemas(left.schema, right.schema, { fold, notVisible });
  return {
    left: left.source,
    right: right.source,
    findings: [...compareHistories(left.history, right.history), ...findings],
    plan: withForeseen(plan, right),
    notVisible: [...notVisible],
  };
}

function withForeseen(plan: Plan, { facts }: Observed): Plan {
  return { ...plan, notes: [...plan.notes, ...foreseen(plan.statements, facts)] };
}

/** What entities say something of, and an account may not see. */
const ofEntities: readonly Kind[] = ['FOREIGN_KEY', 'CHECK'];

/** Compares a database with the entities and the migrations of this build, which are taken for right. */
export async function compareWithEntities(
  orm: Pick<MikroORM, 'getMetadata' | 'em' | 'config'>,
  observed: Observed,
): Promise<Comparison> {
  const fold = foldOf(observed.facts.lowerCaseTableNames);
  const notVisible = new Set(observed.notVisible.filter((kind) => ofEntities.includes(kind)));
  const wanted = schemaOfEntities(orm, observed.schema);
  const { findings, plan } = compareSchemas(wanted, observed.schema, { fold, mayHaveMore: true, notVisible });
  return {
    left: 'ENTITIES',
    right: observed.source,
    findings: [...compareWithFiles(await migrationsOf(observed.source), observed.history), ...findings],
    plan: withForeseen(plan, observed),
    notVisible: [...notVisible],
  };
}

/** Asks one database and compares it with the entities. `em` may be of any account that sees the tables. */
export async function driftOf(
  source: SourceName,
  orm: Pick<MikroORM, 'getMetadata' | 'em' | 'config'>,
  em: Asking,
): Promise<Comparison> {
  return compareWithEntities(orm, await observe(source, em));
}
