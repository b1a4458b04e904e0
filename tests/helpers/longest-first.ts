import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { lastSeconds } from './last-seconds.ts';

/**
 * Starts the longest files first, so that no worker is left with one at the end. A project's files stand together: those
 * that share a process would otherwise begin a new one each time. The projects without servers, whose files are short, come last.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const known = lastSeconds();
    const secondsOf = ({ moduleId, project }: TestSpecification) =>
      known[`${project.name} ${relative('.', moduleId)}`] ?? statSync(moduleId).size / 1000;
    const projects = Map.groupBy(specifications, ({ project }) => project.name);
    return ['integration', 'fresh', 'isolated', 'graphql-js', 'unit'].flatMap((name) =>
      (projects.get(name) ?? []).toSorted((one, other) => secondsOf(other) - secondsOf(one)),
    );
  }
}
