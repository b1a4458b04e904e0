import type { Parameters, Spelling, WorkloadName } from './workloads.ts';

/** Who takes part, in the order in which everything lists them. */
export const contestantsAre = {
  tandem: 'Tandem as `tandem serve` runs it in production',
  old: 'Tandem of another checkout; needs --against',
  limit: 'node:http and mysql2, SQL by hand, no GraphQL: a yardstick, not a server',
  mercurius: 'Mercurius with JIT, SQL and loaders by hand',
  yoga: 'GraphQL Yoga, Pothos, Drizzle and DataLoader',
  naive: 'Apollo standalone, TypeGraphQL, MikroORM entities and DataLoader',
  mesh: 'Hive Gateway on GraphQL Mesh with two MySQL sources',
} as const;

export type ContestantName = keyof typeof contestantsAre;

export const contestantNames = Object.keys(contestantsAre) as ContestantName[];

/** One request, ready to be sent. */
export interface Request {
  readonly path: string;
  readonly body: string;
  /** The token of who asks. */
  readonly token?: string | undefined;
}

/** A server that can be asked for the workloads. */
export interface Contestant {
  readonly name: ContestantName;
  /** Arguments of Node that start it, relative to `directory`. */
  readonly start: readonly string[];
  /** Where it is started; absent: in the root of the project. */
  readonly directory?: string;
  /** A request of a workload; null where its API has none such. */
  request(workload: Exclude<WorkloadName, 'w11'>, parameters: Parameters, spelling: Spelling): Request | null;
  /** Its answer's data as the others would answer it, where its API has other names. */
  translate?(workload: WorkloadName, data: Record<string, unknown>): unknown;
}
