import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Lists the slowest files at the end of a run of many, so that it is seen which ones to mend. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length < 20) return;
    const timed = modules.map((module) => {
      const { collectDuration, duration } = module.diagnostic();
      return {
        file: relative('.', module.moduleId),
        ms: collectDuration + duration,
      };
    });
    const slowest = timed.toSorted((one, other) => other.ms - one.ms).slice(0, 10);
    const lines = slowest.map(({ file, ms }) => `${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`);
    console.error(['Slowest files:', ...lines].join('\n'));
  }
}
