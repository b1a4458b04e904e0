import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const files = (names: readonly string[]) => names.map((name) => `tests/${name}.test.ts`);

/**
 * What measures time, counts the sessions of an account, or fills the machine with processes: one file after another,
 * when all others are done, so that no result depends on what runs beside it.
 */
const serial = files([
  'integration/{cluster,shutdown,process,pool,pool-faults,outage,fast-path,ghost-writes,hostile-load,log-sink}',
]);

/** What replaces modules, watches the process as a whole, or has servers of its own: each file has a process of its own. */
const isolated = files([
  'integration/{added-table,erd,limits,local-*,metrics,observability-outage,password-command,session-setup,tracing}',
  'e2e/explorer',
]);

/**
 * What the API answers must not depend on how operations are executed. Where a test only reads, `ask` sends each query to
 * both executors (`bothExecutors` of tests/helpers/server.ts); these files change rows, count statements or provoke
 * errors, and run once more, by graphql-js.
 */
const byGraphqlJs = ['error-catalogue', 'mutations', 'node', 'statements', 'write-outcomes'];
const serialByGraphqlJs = ['outage'];

// The servers that settings name are one pair, and an account has 20 sessions on each.
const workers = process.env.AZURE_DB_HOST === undefined ? 2 : 1;
const parallel = { maxWorkers: workers, sequence: { groupOrder: 0 } };
const oneByOne = { maxWorkers: 1, sequence: { groupOrder: 1 } };
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
    globalSetup: 'tests/helpers/global-setup.ts',
    reporters: ['default', './tests/helpers/slowest-files.ts', './tests/helpers/last-seconds.ts'],
    // A machine that is busy with something else must not fail a test.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      project('unit', { include: files(['unit/**/*']), isolate: false, ...parallel }),
      project('integration', {
        include: files(['{integration,e2e}/**/*']),
        exclude: [...serial, ...isolated],
        isolate: false,
        ...parallel,
      }),
      project('isolated', { include: isolated, ...parallel }),
      project('graphql-js', {
        include: files(byGraphqlJs.map((name) => `integration/${name}`)),
        isolate: false,
        ...graphqlJs,
        ...parallel,
      }),
      project('serial', { include: serial, ...oneByOne }),
      project('serial graphql-js', {
        include: files(serialByGraphqlJs.map((name) => `integration/${name}`)),
        ...graphqlJs,
        ...oneByOne,
      }),
    ],
  },
});
