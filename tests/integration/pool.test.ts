import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { createDatabases, limits, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
let server: TestServer;

beforeAll(async () => {
  databases = await createDatabases();
  // A machine that is busy must not make a caller give up.
  const patient = { connectTimeoutMs: 90_000, acquireTimeoutMs: 90_000, statementTimeoutMs: 90_000 };
  server = await startServer({
    ...databases.config,
    pool: { ...databases.config.pool, ...patient },
    limits: { ...limits, operationTimeoutMs: 90_000 },
  });
  for (const name of sourceNames) await seed(server.sources[name], 200);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

describe.each(sourceNames)('%s', (name) => {
  it('never has more than 20 sessions of the runtime account under 500 parallel requests', async () => {
    // An account sees its own sessions; the watcher is on the connection that the pool keeps for itself.
    const source = server.sources[name];
    let watching = true;
    let most = 0;
    let looks = 0;
    const watch = (async () => {
      while (watching) {
        // A machine that is busy may lose this session; the next look has another one.
        const [row] = await source
          .ask<{ sessions: number }>(
            "select count(*) as sessions from information_schema.processlist where user = substring_index(user(), '@', 1)",
          )
          .catch(() => []);
        if (row === undefined) continue;
        most = Math.max(most, Number(row.sessions));
        looks += 1;
      }
    })();
    const query = `{ patients(source: ${name}, first: 20) { nodes { firstName lastName records { nodes { diagnosis } } } } }`;
    const requests = Array.from({ length: 500 }, () => server.ask(query));
    // Long statements beside the short ones, so that every connection that may be opened is.
    const sleeps = Array.from({ length: 40 }, () => source.read((em) => em.execute('select sleep(0.2)')));
    const answers = await Promise.all(requests);
    await Promise.all(sleeps);
    watching = false;
    await watch;
    expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    expect(looks).toBeGreaterThan(3);
    expect(most).toBe(20);
  });
});
