import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { lastSeconds } from './last-seconds.ts';

/**
 * Starts the longest files first, so that no worker is left with one at the end.
 *
 * @param last files that come after all others
 */
export function longestFirst(last: readonly string[] = []) {
  return class extends BaseSequencer {
    override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
      const known = lastSeconds();
      const timed = specifications.map((specification) => {
        const { moduleId, project } = specification;
        const file = relative('.', moduleId);
        const seconds = known[`${project.name} ${file}`] ?? statSync(moduleId).size / 1000;
        return { specification, seconds, turn: last.includes(file) ? 1 : 0 };
      });
      return timed
        .toSorted((one, other) => one.turn - other.turn || other.seconds - one.seconds)
        .map(({ specification }) => specification);
    }
  };
}
