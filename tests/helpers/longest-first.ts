import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { lastSeconds } from './last-seconds.ts';

interface Order {
  /** Files that take longer than their size lets expect, where this machine has not run them yet. */
  readonly slow?: readonly string[];
  /** Files that come after all others. */
  readonly last?: readonly string[];
}

/** Starts the longest files first, so that no worker is left with one at the end. */
export function longestFirst({ slow = [], last = [] }: Order = {}) {
  return class extends BaseSequencer {
    override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
      const known = lastSeconds();
      const timed = specifications.map((specification) => {
        const { moduleId, project } = specification;
        const file = relative('.', moduleId);
        const unknown = statSync(moduleId).size / 1000 + (slow.includes(file) ? 1000 : 0);
        const seconds = known[`${project.name} ${file}`] ?? unknown;
        return { specification, seconds, turn: last.includes(file) ? 1 : 0 };
      });
      return timed
        .toSorted((one, other) => one.turn - other.turn || other.seconds - one.seconds)
        .map(({ specification }) => specification);
    }
  };
}
