import { defineConfig } from 'vitest/config';

/** What the API answers must not depend on how operations are executed: these files run once more, by graphql-js. */
const aboutAnswers = [
  'api',
  'error-catalogue',
  'mutations',
  'node',
  'outage',
  'reads-property',
  'readme',
  'statements',
  'write-outcomes',
];

export default defineConfig({
  resolve: {
    // TypeGraphQL requires graphql's CommonJS build; one realm for everybody.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    globalSetup: 'tests/helpers/global-setup.ts',
    // The runtime account has 20 sessions a server: two files at once would take them from each other.
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'compiled', include: ['tests/{unit,integration,e2e}/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'graphql-js',
          include: aboutAnswers.map((name) => `tests/integration/${name}.test.ts`),
          env: { TANDEM_TEST_EXECUTION: 'graphql-js' },
        },
      },
    ],
  },
});
