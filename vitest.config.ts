import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst } from './tests/helpers/longest-first.ts';

const files = (names: readonly string[]) => names.map((name) => `tests/${name}.test.ts`);

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

/** They are short to read and long to run. */
const slow = files([
  'e2e/console-rental',
  'integration/bulk-keys',
  'integration/generate-entities',
  'integration/local-lifetime',
  'integration/migrate-sessions',
  'integration/parity-interrupted',
]);

/**
 * Tests wait for deadlines, locks and processes for as long as they work, so there are two workers a processor. None may
 * measure what another one disturbs. The servers that settings name are one pair, and an account has 20 sessions on each.
 */
const workers = process.env.AZURE_DB_HOST === undefined ? Math.min(6, 2 * availableParallelism()) : 1;

export default defineConfig({
  resolve: {
    // TypeGraphQL requires graphql's CommonJS build; one realm for everybody.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    maxWorkers: workers,
    sequence: { sequencer: longestFirst({ slow, last: fresh }) },
    globalSetup: 'tests/helpers/global-setup.ts',
    reporters: ['default', './tests/helpers/slowest-files.ts', './tests/helpers/last-seconds.ts'],
    // A machine that is busy with something else must not fail a test.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    include: files(['{unit,integration,e2e}/**/*']),
    // Each process loads the packages for seconds of CPU: files share them.
    isolate: false,
    setupFiles: 'tests/helpers/fresh-modules.ts',
    provide: { fresh },
  },
});
