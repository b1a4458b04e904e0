import { defineConfig } from 'vitest/config';

/** What must hold when things break: `npm run test:faults`. One file at a time: each owns the servers that it breaks. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    name: 'faults',
    globalSetup: 'tests/helpers/global-setup.ts',
    include: ['tests/faults/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './tests/faults/report.ts', './tests/helpers/last-seconds.ts'],
  },
});
