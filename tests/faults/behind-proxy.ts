import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { stopwatch } from '../helpers/own-time.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';
import { askMany, azure, changed } from './asking.ts';

/** Seeded databases for the rows of a file, and for each row a server that reaches AZURE through a proxy. */
export function behindProxy() {
  let databases: TestDatabases;
  let proxy: TcpProxy;
  let server: TestServer;

  beforeAll(async () => {
    databases = await createDatabases();
    for (const name of sourceNames) {
      await using source = await openSource(name, databases.config.databases[name], pool);
      await seed(source, 200);
    }
  });
  afterAll(() => databases?.[Symbol.asyncDispose]());

  beforeEach(async () => {
    proxy = await startProxy(databases.config.databases.AZURE.port);
    server = await startServer(changed(databases.config, { port: proxy.port }));
  });
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
  });

  const stats = () => server.sources.AZURE.stats();
  return {
    get databases() {
      return databases;
    },
    get proxy() {
      return proxy;
    },
    get server() {
      return server;
    },
    stats,
    warm: () => askMany(server, azure, 60),
    /** Statements that take so long, at the same time. */
    sleeping: (count: number, forSeconds: number) =>
      Array.from({ length: count }, () =>
        server.sources.AZURE.arrays({ sql: `select sleep(${forSeconds})`, params: [] }),
      ),
    /** Milliseconds until no connection of AZURE is in use or being closed. */
    async settled(most = 8000): Promise<number> {
      const took = stopwatch();
      while (stats().closing + stats().inUse > 0) {
        if (took().ownMs > most) throw new Error('Connections are still closing.');
        await delay(20);
      }
      return took().ownMs;
    },
  };
}
