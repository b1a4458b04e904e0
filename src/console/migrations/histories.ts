import { gql, type ResultOf } from '../api/graphql.ts';
import { type Cloud, clouds } from '../ui/cloud.tsx';

/** The history of each cloud; null: the cloud does not answer. */
export const operation = gql(`
  query Migrations {
    AZURE: migrations(source: AZURE) { ...OfCloud }
    GCP: migrations(source: GCP) { ...OfCloud }
  }
  fragment OfCloud on Migration {
    name state startedAt ms account error up down
    findings { rule severity destructive statement object message safer }
    impacts { statement table rows algorithm lock rebuilds certain }
  }
`);

export type Histories = ResultOf<typeof operation>;
/** A migration as one cloud has it. */
export type OneMigration = NonNullable<Histories['AZURE']>[number];

/** The names in either history, in their order. */
export function migrationNames({ AZURE, GCP }: Histories): string[] {
  return [...new Set([...(AZURE ?? []), ...(GCP ?? [])].map(({ name }) => name))].toSorted();
}

/** The names of pending migrations, then those of the others, the latest first. */
export function pendingFirst(data: Histories): string[] {
  const isPending = (name: string) =>
    clouds.some((cloud) => data[cloud] && find(data, cloud, name)?.state !== 'APPLIED');
  const all = migrationNames(data);
  return [...all.filter(isPending), ...all.filter((name) => !isPending(name)).toReversed()];
}

/** The migration of that name in a cloud's history. */
export const find = (data: Histories, cloud: Cloud, name: string) =>
  data[cloud]?.find((one) => one.name === name);

/** A migration and its cloud. */
export interface OfCloud {
  readonly cloud: Cloud;
  readonly migration: OneMigration;
}

/** Whether all clouds have the same of a migration. */
export const isOne = (there: readonly OfCloud[], said: (migration: OneMigration) => unknown) =>
  new Set(there.map(({ migration }) => JSON.stringify(said(migration)))).size === 1;
