import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { sourceNames } from '../../src/source-name.ts';
import { entities } from '../fixtures/rental/index.ts';
import { asMigrator, createDatabases, type TestDatabases } from './databases.ts';
import type { Row } from './filter-oracle.ts';
import { type Domain, type DomainOptions, randomDomain } from './random-domain.ts';
import { seed } from './random-seed.ts';
import { type Answer, type ServerOptions, startServer, type TestServer } from './server.ts';

/** The tables of the shop that rents films. */
export const rentalTables = readFileSync(new URL('../fixtures/rental/tables.sql', import.meta.url), 'utf8')
  .split(/;\s*\n/)
  .filter((statement) => statement.trim() !== '');

/** A server on the shop that rents films. */
export interface RentalServer extends TestServer {
  readonly config: TestDatabases['config'];
  /** Asks what must have no errors. */
  data(query: string, variables?: Record<string, unknown>): Promise<Answer['data']>;
}

/**
 * Starts it on fresh databases of both sources. The test's file has to replace the entities:
 * `vi.mock('../../src/entities/index.ts', () => import('../fixtures/rental/index.ts'));`
 */
export async function startRental({
  adapt = async (config) => config,
  ...options
}: ServerOptions & {
  /** Changes the configuration that the server starts with. */
  readonly adapt?: (config: Config) => Promise<Config>;
} = {}): Promise<RentalServer> {
  const databases = await createDatabases({ migrated: false, statements: rentalTables });
  // An operation may read as many whole tables as it likes.
  const limits = {
    ...databases.config.limits,
    cost: 10_000_000,
    aliases: 500,
    rootFields: 500,
    tokens: 100_000,
  };
  const config = { ...databases.config, limits };
  const server = await startServer(await adapt(config), options);
  return {
    ...server,
    config,
    async data(query, variables) {
      const { data, errors } = await server.ask(query, variables);
      expect(errors, `${query}\n${server.log.slice(-2).join('')}`).toBeUndefined();
      return data;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await databases[Symbol.asyncDispose]();
    },
  };
}

/** Random rows of all its tables, in memory. */
export function randomRentals(
  server: RentalServer,
  count: number,
  more: Pick<DomainOptions, 'valuesOf'> = {},
): Domain {
  return randomDomain(server.sources.AZURE.orm.getMetadata(), entities, {
    count,
    seed,
    ...more,
    computed: {
      'Film.hours': ({ length }) => (length === null ? null : Math.floor((length as number) / 60)),
      'Film.note': () => 'unseen',
      'Customer.login': ({ email }) => (email as string | null)?.toLowerCase() ?? null,
    },
    views: {
      FilmTitle: (rows) =>
        (rows.get('Film') as Row[])
          .filter(({ rating }) => rating !== null)
          .map(({ key, title }) => ({ key, title })),
      Taking: (rows) =>
        (rows.get('Payment') as Row[]).map(({ paidAt, amount }) => ({
          day: (paidAt as string).slice(0, 10),
          amount,
        })),
    },
  });
}

/** Rows of a table that the API does not write. */
export async function insertVisits({ config }: RentalServer, domain: Domain): Promise<void> {
  const text = (value: unknown) => (value === null ? 'null' : `'${value}'`);
  const values = (domain.written.get('Visit') as Row[]).map((row) => {
    const device = row.device === null ? 'null' : `from_base64('${row.device}')`;
    const at = (row.at as string).replace('T', ' ').replace('Z', '+00:00');
    return `(${text(domain.valueIn(row, 'store_id'))}, '${at}', ${device}, ${row.warmth})`;
  });
  const statement = `insert into visit (store_id, at, device, warmth) values ${values.join(', ')}`;
  for (const source of sourceNames) await asMigrator(config.databases[source], [statement]);
}
