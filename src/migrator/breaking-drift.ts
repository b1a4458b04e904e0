import { driftOf } from '../drift/drift.ts';
import type { DriftFinding } from '../drift/finding.ts';
import type { OpenTarget } from './open-target.ts';

/** Breaking differences between the tables and keys that are there and the entities. The history is known already. */
export async function breakingDrift({ orm, target }: OpenTarget): Promise<DriftFinding[]> {
  const { findings } = await driftOf(target.source, orm, orm.em.fork(), target.database.ignoredTables);
  return findings.filter(({ breaking, kind }) => breaking && kind !== 'MIGRATION');
}

/** The objects of the findings, in words. */
export function objectsIn(findings: readonly DriftFinding[]): string {
  return findings.map(({ object, property }) => `${object} (${property})`).join(', ');
}
