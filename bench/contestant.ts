import type { Parameters, WorkloadName } from './workloads.ts';

/** One request, ready to be sent. */
export interface Request {
  readonly path: string;
  readonly body: string;
}

/** A server that can be asked for the workloads. */
export interface Contestant {
  readonly name: ContestantName;
  readonly what: string;
  /** Arguments of Node that start it, relative to the root of the project. */
  readonly start: readonly string[];
  /** Whether it needs what bench/package.json names. */
  readonly foreign: boolean;
  requests(workload: WorkloadName, parameters: readonly Parameters[]): readonly Request[];
}

export const contestantNames = ['tandem', 'limit', 'mercurius', 'yoga', 'naive'] as const;

export type ContestantName = (typeof contestantNames)[number];
