import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // TypeGraphQL requires graphql's CommonJS build; one realm for everybody.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['tests/{unit,integration,e2e}/**/*.test.ts'],
    globalSetup: 'tests/helpers/global-setup.ts',
    // The runtime account has 20 sessions a server: two files at once would take them from each other.
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 120_000,
  },
});
