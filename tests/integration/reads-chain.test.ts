import { type EntityMetadata, EntitySchema } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/mysql';
import { expect, it } from 'vitest';
import { Budget } from '../../src/reads/budget.ts';
import { fetchRows, type QueryRunner } from '../../src/reads/fetch.ts';
import { ReadPlan } from '../../src/reads/read-plan.ts';
import type { Selection } from '../../src/reads/selection.ts';
import { createStatements, createValues } from '../../src/reads/statement.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { createDatabases, pool } from '../helpers/databases.ts';

// Tables that Tandem does not have: lists below lists below lists.
const key = { type: 'integer', primary: true, fieldName: 'id' } as const;
const byKey = { key: 'asc' } as const;
const Ward = new EntitySchema<object>({
  name: 'Ward',
  tableName: 'wards',
  properties: { key, beds: { kind: '1:m', entity: () => Bed, mappedBy: 'ward', orderBy: byKey } } as never,
});
const Bed = new EntitySchema<object>({
  name: 'Bed',
  tableName: 'beds',
  properties: {
    key,
    ward: { kind: 'm:1', entity: () => Ward, fieldName: 'ward_id' },
    nights: { kind: '1:m', entity: () => Night, mappedBy: 'bed', orderBy: byKey },
  } as never,
});
const Night = new EntitySchema<object>({
  name: 'Night',
  tableName: 'nights',
  properties: { key, bed: { kind: 'm:1', entity: () => Bed, fieldName: 'bed_id' } } as never,
});

it('reads lists below lists below lists', async () => {
  await using databases = await createDatabases({ migrated: false });
  const database = databases.config.databases.AZURE;
  const orm = await MikroORM.init({
    ...ormOptions('AZURE', database, database.migrator, pool),
    entities: [Ward, Bed, Night] as never,
  });
  try {
    for (const sql of [
      'create table wards (id int primary key)',
      'create table beds (id int primary key, ward_id int)',
      'create table nights (id int primary key, bed_id int)',
      'insert into wards values (1), (2)',
      'insert into beds values (10, 1), (11, 1), (20, 2)',
      'insert into nights values (100, 10), (101, 10), (200, 20)',
    ]) {
      await orm.em.execute(sql);
    }
    const metaOf = (entity: EntitySchema) => orm.getMetadata().get(entity as never) as EntityMetadata;
    const select = (entity: EntitySchema, columns: string[], child?: [string, Selection]): Selection => ({
      meta: metaOf(entity),
      columns: ['key', ...columns],
      id: false,
      values: columns.length + 1,
      texts: [],
      parents: [],
      relations: new Map(child && [child]),
      joined: child === undefined ? null : (metaOf(entity).properties as never)[child[0]],
    });
    const nights = select(Night, ['bed']);
    const wards = select(Ward, [], ['beds', select(Bed, ['ward'], ['nights', nights])]);
    const statements: string[] = [];
    const rows = async <R extends object>({ sql, params }: { sql: string; params: readonly unknown[] }) => {
      statements.push(sql);
      // As text, a limit must be a number.
      const values = params.map((param) => (typeof param === 'string' ? Number(param) : param));
      return await orm.em.execute<R[]>(sql, values);
    };
    const runner: QueryRunner = {
      source: 'AZURE',
      budget: new Budget(),
      statement: createStatements(orm.em.fork()),
      rows,
      arrays: async (statement) => (await rows(statement)).map((row) => Object.values(row)),
    };

    const order = [{ property: 'key', direction: 'asc' }] as const;
    const read = await fetchRows(runner, new ReadPlan(wards), {
      filter: true,
      order,
      values: createValues(),
    });

    expect(read).toMatchObject([
      {
        key: 1,
        beds: [
          {
            key: 10,
            nights: [
              { key: 100, bed: 10 },
              { key: 101, bed: 10 },
            ],
          },
          { key: 11, nights: [] },
        ],
      },
      { key: 2, beds: [{ key: 20, nights: [{ key: 200, bed: 20 }] }] },
    ]);
    expect(statements).toHaveLength(2);
  } finally {
    await orm.close();
  }
});
