import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSeededServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(1);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const audits = serverAudits({ url: () => `${server.url}/graphql` });

// https://graphql.github.io/graphql-over-http/draft: MUST, SHOULD, and MAY, of which 3 say what may be refused.
it.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))('%s: %s', async (_id, name, fn) => {
  const result = await fn();
  expect(result.status === 'ok' || (result.status === 'notice' && name.startsWith('MAY'))).toBe(true);
});
