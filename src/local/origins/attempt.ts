import type { Program, ReportProgress } from '../types.ts';

/** What an origin gets to work with. */
export interface Search {
  env: NodeJS.ProcessEnv;
  cache: string;
  report: ReportProgress;
}

/** A program to start, or why this origin has none: an expected outcome, so a value. */
export type Attempt = { program: Program } | { why: string };
