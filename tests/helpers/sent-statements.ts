import { tracingChannel } from 'node:diagnostics_channel';
import type { Source } from '../../src/sources/source.ts';

/** What mysql2 tells of a statement: https://sidorares.github.io/node-mysql2/docs/documentation/tracing-channels */
interface Sent {
  readonly query: string;
  readonly database: string;
  readonly serverPort: number;
}

const channels = ['mysql2:query', 'mysql2:execute'].map((name) => tracingChannel<unknown, Sent>(name));

/**
 * The SQL of every statement that a source sends while `work` runs, as it goes over the wire: recorded below
 * the ORM and the pool, by the driver itself.
 */
export async function statementsOf(source: Source, work: () => Promise<unknown>): Promise<string[]> {
  const { port, dbName } = source.orm.config.getAll();
  const recorded: string[] = [];
  const record = {
    start({ query, database, serverPort }: Sent) {
      const setsUp = query.startsWith('set session ') || query.startsWith('select @@server_uuid');
      if (serverPort === port && database === dbName && !setsUp) recorded.push(query);
    },
  } as never;
  for (const channel of channels) channel.subscribe(record);
  try {
    await work();
  } finally {
    for (const channel of channels) channel.unsubscribe(record);
  }
  return recorded;
}
