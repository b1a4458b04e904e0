import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { longestFirst } from './tests/helpers/longest-first.ts';

const files = (names: readonly string[]) => names.map((name) => `tests/${name}.test.ts`);

/** What watches the process as a whole: each file has a process of its own. */
const isolated = files([
  'integration/{erd,image,limits,local-*,metrics,observability-outage,password-command,session-setup,tracing}',
]);

/**
 * What replaces modules, such as the entities, or makes entities of its own: each file loads our modules anew. These come last,
 * since what they leave loaded is of no use to others.
 */
const fresh = [
  ...globSync('tests/{integration,e2e}/**/*.test.ts').filter((file) =>
    /vi\.(mock|doMock)\(/.test(readFileSync(file, 'utf8')),
  ),
  ...files(['unit/refused-entities', 'unit/start-faults']),
];

/**
 * What the API answers must not depend on how operations are executed. Where a test only reads, `ask` sends each query to
 * both executors (`bothExecutors` of tests/helpers/server.ts); these files change rows, count statements or provoke
 * errors, and run once more, by graphql-js.
 */
const byGraphqlJs = ['error-catalogue', 'mutations', 'node', 'outage', 'statements', 'write-outcomes'];

/**
 * Tests wait for deadlines, locks and processes for as long as they work, so there are two workers a processor. None may
 * measure what another one disturbs. The servers that settings name are one pair, and an account has 20 sessions on each.
 */
const workers = process.env.AZURE_DB_HOST === undefined ? Math.min(6, 2 * availableParallelism()) : 1;
const graphqlJs = { env: { TANDEM_TEST_EXECUTION: 'graphql-js' } };

const project = (
  name: string,
  test: NonNullable<TestProjectInlineConfiguration['test']>,
): TestProjectInlineConfiguration => ({ extends: true, test: { name, ...test } });

export default defineConfig({
  resolve: {
    // TypeGraphQL requires graphql's CommonJS build; one realm for everybody.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    maxWorkers: workers,
    sequence: { sequencer: longestFirst(fresh) },
    globalSetup: 'tests/helpers/global-setup.ts',
    reporters: ['default', './tests/helpers/slowest-files.ts', './tests/helpers/last-seconds.ts'],
    // A machine that is busy with something else must not fail a test.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    projects: [
      project('shared', {
        include: files(['{unit,integration,e2e}/**/*']),
        exclude: isolated,
        isolate: false,
        setupFiles: 'tests/helpers/fresh-modules.ts',
        provide: { fresh },
      }),
      project('isolated', { include: isolated }),
      project('graphql-js', {
        include: files(byGraphqlJs.map((name) => `integration/${name}`)),
        isolate: false,
        ...graphqlJs,
      }),
    ],
  },
});
