import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst } from './tests/helpers/longest-first.ts';

// They wait for deadlines most of the time. The servers that settings name are one pair, and an account has 20 sessions on each.
const workers = process.env.AZURE_DB_HOST === undefined ? Math.min(6, 2 * availableParallelism()) : 1;

/** Compares the latency of one cloud with and without trouble in the other: alone, when all others are done. */
const alone = ['tests/faults/neighbour.test.ts'];

/** What must hold when things break: `npm run test:faults`. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    sequence: { sequencer: longestFirst({ slow: ['tests/faults/network.test.ts'] }) },
    globalSetup: 'tests/helpers/global-setup.ts',
    testTimeout: 120_000,
    hookTimeout: 180_000,
    reporters: ['default', './tests/faults/report.ts', './tests/helpers/last-seconds.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['tests/faults/*.test.ts'],
          exclude: alone,
          maxWorkers: workers,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'faults alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
