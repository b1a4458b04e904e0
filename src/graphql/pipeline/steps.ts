import type { Limits } from '../../config/config.ts';
import { checkLargeVariables } from '../plugins/check-large-variables.ts';
import { markLargeAnswers } from '../plugins/large-answers.ts';
import { limitUnreadable } from '../plugins/limit-unreadable.ts';
import { afterCommit } from './after-commit.ts';
import { checkNulls } from './check-nulls.ts';
import { compiledExecution } from './compiled-execution.ts';
import { compose, type Step } from './compose.ts';
import { httpStatus } from './http-status.ts';
import { limitCost } from './limit-cost.ts';
import { measureOperations, type TellOperation } from './measure-operations.ts';

export interface StepOptions {
  readonly limits: Limits;
  /** How often a document must have come before it is compiled; Infinity leaves everything to graphql-js. */
  readonly compileAfter?: number;
  /** Called for each operation that was answered. */
  readonly tell?: readonly TellOperation[];
}

/** The steps of a request in their order: the only list, for Apollo's first request and the fast path's next ones. */
export function stepsOf({ limits, compileAfter, tell = [] }: StepOptions): Step {
  return compose(
    checkNulls(),
    checkLargeVariables(),
    limitCost(limits),
    compiledExecution(compileAfter === undefined ? {} : { after: compileAfter }),
    limitUnreadable(),
    afterCommit(),
    httpStatus(),
    markLargeAnswers(),
    measureOperations(tell),
  );
}
