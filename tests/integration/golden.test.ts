import { MikroORM } from '@mikro-orm/mysql';
import { printSchema } from 'graphql';
import { expect, it } from 'vitest';
import { createSchema } from '../../src/graphql/schema.ts';
import { journalTable } from '../../src/information-schema/own-tables.ts';
import { readSchema } from '../../src/information-schema/read-schema.ts';
import { sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { createDatabases, pool } from '../helpers/databases.ts';

// `npm test -- -u` rewrites the golden files; the diff then shows what changed.

it('has the API of schema.graphql', async () => {
  await expect(printSchema(await createSchema())).toMatchFileSnapshot('../golden/schema.graphql');
});

it('describes every type, field, argument and enum of the API', async () => {
  const schema = await createSchema();
  const nameless: string[] = [];
  for (const [name, type] of Object.entries(schema.getTypeMap())) {
    if (
      name.startsWith('__') ||
      ['String', 'Int', 'Float', 'Boolean', 'ID', 'Query', 'Mutation'].includes(name)
    )
      continue;
    if (!type.description) nameless.push(name);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !('getFields' in type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!field.description) nameless.push(`${type.name}.${field.name}`);
      for (const argument of 'args' in field ? field.args : []) {
        if (!argument.description) nameless.push(`${type.name}.${field.name}(${argument.name})`);
      }
    }
  }
  expect(nameless).toEqual([]);
});

it('has one database schema in both clouds, that of database.json', async () => {
  await using databases = await createDatabases({ migrated: 'by migrations' });
  const models: string[] = [];
  for (const name of sourceNames) {
    const database = databases.config.databases[name];
    const orm = await MikroORM.init(ormOptions(name, database, database.migrator, pool));
    const model = await readSchema(orm.em);
    const tables = model.tables.filter((table) => table.name !== journalTable);
    models.push(JSON.stringify({ ...model, tables }, null, 2));
    await orm.close(true);
  }
  const [azure, gcp] = models;
  await expect(`${azure}\n`).toMatchFileSnapshot('../golden/database-azure.json');
  await expect(`${gcp}\n`).toMatchFileSnapshot('../golden/database-gcp.json');
  expect(azure).toBe(gcp);
});
