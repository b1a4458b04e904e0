import { elapsedSince } from '../util/elapsed.ts';
import { type Problem, reportStatusOf, type StepName, type StepReport } from './report.ts';

/** The result of a step. Without a `value` the steps that need it are skipped. */
export interface StepResult<T> {
  readonly detail: string;
  readonly problems?: readonly Problem[];
  readonly value?: T;
}

export interface Steps {
  readonly reports: readonly StepReport[];
  /** Runs a step on what an earlier one gave; where that is undefined, the step is skipped. */
  run<In, Out>(
    step: StepName,
    given: In | undefined,
    work: (given: In) => Promise<StepResult<Out>>,
  ): Promise<Out | undefined>;
}

/** Runs steps one after another, times them and tells `onStep` of each as it ends. */
export function createSteps(onStep: (report: StepReport) => void): Steps {
  const reports: StepReport[] = [];
  const add = (report: StepReport) => {
    reports.push(report);
    onStep(report);
  };
  let failed: StepName | undefined;
  return {
    reports,
    async run(step, given, work) {
      if (given === undefined) {
        add({ step, status: 'skipped', ms: 0, detail: `not tried, since ${failed} failed`, problems: [] });
        return undefined;
      }
      const started = performance.now();
      const { detail, problems = [], value } = await work(given);
      const ms = elapsedSince(started);
      const status = reportStatusOf(problems);
      if (status === 'failed') failed ??= step;
      add({ step, status, ms, detail, problems });
      return value;
    },
  };
}
