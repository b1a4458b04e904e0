import { expect } from 'vitest';

const folder = 'tests/integration/by-graphql-js/';

/** Whether the present file leaves every document to graphql-js: what the API answers must not depend on who executes. */
export const isByGraphqlJs = (): boolean => expect.getState().testPath?.includes(folder) === true;

/**
 * Declares the tests of a file of tests/integration once more, for a file of that folder. Where a test only reads, `ask`
 * sends each query to both executors (`bothExecutors` of server.ts); these files change rows, count statements or provoke
 * errors.
 */
export async function byGraphqlJs(name: string): Promise<void> {
  // By another name, since a worker may have loaded the file already.
  await import(/* @vite-ignore */ `../integration/${name}.test.ts?by=graphql-js`);
}
