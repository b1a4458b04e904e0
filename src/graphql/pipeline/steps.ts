import type { EventFile } from '../../audit/event-file.ts';
import type { Limits } from '../../config/groups/limits.ts';
import { afterCommit } from './after-commit.ts';
import { checkLargeVariables } from './check-large-variables.ts';
import { checkNulls } from './check-nulls.ts';
import { compiledExecution } from './compiled-execution.ts';
import { compose, type Step } from './compose.ts';
import { httpStatus } from './http-status.ts';
import { limitCost } from './limit-cost.ts';
import { limitUnreadable } from './limit-unreadable-values.ts';
import { markLargeAnswers } from './mark-large-answers.ts';
import { measureOperations, type ReportOperation } from './measure-operations.ts';
import { recordReads } from './record-reads.ts';
import { reportFallbacks } from './report-fallbacks.ts';

export interface StepOptions {
  readonly limits: Limits;
  /** How often a document must have come before it is compiled; Infinity leaves everything to graphql-js. */
  readonly compileAfter?: number;
  /** Where reads are recorded; absent: nowhere. */
  readonly events?: EventFile | undefined;
  /** Called for each operation that was answered. */
  readonly tell?: readonly ReportOperation[];
}

/** The steps of a request in their order: the only list, for Apollo's first request and the fast path's next ones. */
export function stepsOf({ limits, compileAfter, tell = [], events }: StepOptions): Step {
  return compose(
    checkNulls(),
    checkLargeVariables(),
    recordReads(events),
    limitCost(limits),
    compiledExecution(compileAfter === undefined ? {} : { after: compileAfter }),
    limitUnreadable(),
    afterCommit(),
    reportFallbacks(),
    httpStatus(),
    markLargeAnswers(),
    measureOperations(tell),
  );
}
