import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

const store = 'node_modules/.cache/test-seconds.json';

/** Seconds that each file took when this machine last ran it whole, by project and path; empty before the first run. */
export function lastSeconds(): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(store, 'utf8'));
  } catch {
    return {};
  }
}

/** Keeps how long each file took, so that the next run can state how long it will take. */
export default class LastSeconds implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const seconds = { ...lastSeconds() };
    for (const module of modules) {
      // What part of a file took, or a file that failed, says nothing of the next run.
      if (module.project.config.testNamePattern !== undefined || module.state() !== 'passed') continue;
      const { collectDuration, duration } = module.diagnostic();
      const file = `${module.project.name} ${relative('.', module.moduleId)}`;
      seconds[file] = Math.round(collectDuration + duration) / 1000;
    }
    mkdirSync(dirname(store), { recursive: true });
    writeFileSync(store, JSON.stringify(seconds));
  }
}
