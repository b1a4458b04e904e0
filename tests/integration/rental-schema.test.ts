import { MikroORM } from '@mikro-orm/mysql';
import { printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compareSources, driftOf } from '../../src/drift/drift.ts';
import { takeSnapshot } from '../../src/drift/snapshot.ts';
import { diagramOf } from '../../src/erd/diagram.ts';
import { asMermaid } from '../../src/erd/mermaid.ts';
import { asSvg } from '../../src/erd/svg.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { readSchema } from '../../src/information-schema/read-schema.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { rentalTables } from '../helpers/rental.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/rental/index.ts'));

// What follows from the entities and the tables of the second domain. `npm test -- -u` rewrites the golden files.

let databases: TestDatabases;
let orms: Record<SourceName, MikroORM>;
beforeAll(async () => {
  databases = await createDatabases({ migrated: false, statements: rentalTables });
  const open = (source: SourceName) => {
    const database = databases.config.databases[source];
    return MikroORM.init(ormOptions(source, database, database.migrator, pool));
  };
  const [AZURE, GCP] = await Promise.all([open('AZURE'), open('GCP')]);
  orms = { AZURE, GCP };
});
afterAll(async () => {
  for (const orm of Object.values(orms ?? {})) await orm.close(true);
  await databases?.[Symbol.asyncDispose]();
});

it('the API is that of rental.graphql', async () => {
  await expect(printSchema(await createSchema())).toMatchFileSnapshot('../golden/rental.graphql');
});

it('both databases have the one schema of rental-database.json', async () => {
  const [azure, gcp] = await Promise.all(
    sourceNames.map(async (source) => `${JSON.stringify(await readSchema(orms[source].em), null, 2)}\n`),
  );
  await expect(azure).toMatchFileSnapshot('../golden/rental-database.json');
  expect(azure).toBe(gcp);
});

it('the ERD is that of rental.svg and rental.mmd', async () => {
  const diagram = diagramOf(await takeSnapshot('AZURE', orms.AZURE.em));
  await expect(await asSvg(diagram)).toMatchFileSnapshot('../golden/rental.svg');
  await expect(asMermaid(diagram)).toMatchFileSnapshot('../golden/rental.mmd');
});

describe('drift', () => {
  it.each(sourceNames)('finds no difference between the entities and the tables: %s', async (source) => {
    const { findings } = await driftOf(source, orms[source], orms[source].em.fork());
    // No migration made them.
    expect(findings.filter(({ kind }) => kind !== 'MIGRATION')).toEqual([]);
  });

  it('finds none between both clouds', async () => {
    const [azure, gcp] = await Promise.all(
      sourceNames.map((source) => takeSnapshot(source, orms[source].em.fork())),
    );
    if (azure === undefined || gcp === undefined) throw new Error('Both have answered.');
    expect(compareSources(azure, gcp)).toMatchObject({ findings: [], plan: { statements: [] } });
  });
});
