import type { Program, ReportProgress } from '../types.ts';

/** The parameters of an origin's search. */
export interface Search {
  env: NodeJS.ProcessEnv;
  cache: string;
  report: ReportProgress;
}

/** A program to start, or why this origin has none: an expected outcome, so a value. */
export type Attempt = { program: Program } | { why: string };
