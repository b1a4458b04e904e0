import { DatabaseSchema, EntitySchema, MikroORM } from '@mikro-orm/mysql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareWithEntities, driftOf } from '../../src/drift/drift.ts';
import { takeSnapshot } from '../../src/drift/snapshot.ts';
import { breakingDrift } from '../../src/migrator/breaking-drift.ts';
import type { OpenTarget } from '../../src/migrator/open-target.ts';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';
import { everyEntity, randomEntities, smallEntity } from '../helpers/random-entities.ts';
import { dice } from '../helpers/random-schema.ts';
import { seed } from '../helpers/random-seed.ts';

// TANDEM_TEST_SEED=… repeats one; TANDEM_LONG=1 runs 200.
const count = process.env.TANDEM_LONG === '1' ? 200 : 2;

let databases: TestDatabases;

beforeEach(async () => {
  databases = await createDatabases({ migrated: false });
});

afterEach(async () => {
  await databases?.[Symbol.asyncDispose]();
});

const entityTables = async (orm: MikroORM) => (await tables(orm)).filter((table) => /^t\d/.test(table));

const database = () => databases.config.databases.GCP;

async function opened(entities: readonly EntitySchema[]) {
  const options = ormOptions('GCP', database(), database().migrator, pool);
  const orm: MikroORM = await MikroORM.init({
    ...options,
    entities: [...entities],
  } as unknown as typeof options);
  return { orm, [Symbol.asyncDispose]: () => orm.close(true) };
}

/** What `migrate create` has MikroORM write for entities of which nothing is there. */
async function written(orm: MikroORM) {
  const fromSchema = new DatabaseSchema(orm.em.getPlatform(), database().name);
  const { up, down } = await orm.schema.getUpdateSchemaMigrationSQL({ wrap: false, fromSchema });
  const statements = (sql: string) =>
    sql
      .split(';\n')
      .map((one) => one.trim().replace(/;$/, ''))
      .filter((one) => one !== '');
  return { up: statements(up), down: statements(down) };
}

const migrationsAside = ({ kind }: { readonly kind: string }) => kind !== 'MIGRATION';

const tables = async (orm: MikroORM) =>
  (
    await orm.em.execute<{ name: string }[]>(
      'select table_name as name from information_schema.tables where table_schema = database() order by 1',
    )
  ).map(({ name }) => name);

/** How a database with the tables of the entities differs from them; it makes scratch tables and leaves none. */
async function differences(orm: MikroORM) {
  const there = await tables(orm);
  const target = { source: 'GCP', database: database(), pool };
  // As `up` and `baseline` verify.
  const breaking = await breakingDrift({ orm, target } as unknown as OpenTarget);
  const { findings, plan } = await driftOf('GCP', orm, orm.em.fork());
  expect(await tables(orm)).toEqual(there);
  // As the API compares, which makes no table.
  const asked = await compareWithEntities(orm, await takeSnapshot('GCP', orm.em.fork()));
  return {
    breaking,
    findings: findings.filter(migrationsAside),
    statements: plan.statements,
    notes: plan.notes,
    breakingUnrendered: asked.findings.filter((found) => migrationsAside(found) && found.breaking),
  };
}

const none = { breaking: [], findings: [], statements: [], notes: [], breakingUnrendered: [] };

const run = async (orm: MikroORM, statements: readonly string[]) => {
  for (const sql of statements) await orm.em.execute(sql);
};

describe('what MikroORM writes for entities', () => {
  it('verifies with every type, default, check, generated column and index of the lists', async () => {
    await using one = await opened(everyEntity());
    const { up, down } = await written(one.orm);
    const alters = up.filter((sql) => sql.startsWith('alter table `t0` add constraint'));
    const rest = up.filter((sql) => !alters.includes(sql));
    // At once: each copies the table.
    const all = `alter table t0 ${alters.map((sql) => sql.replace(/^alter table `t0` /, '')).join(', ')}`;
    await run(one.orm, [...rest, all]);
    expect(alters.length).toBeGreaterThan(90);
    expect(await differences(one.orm)).toEqual(none);
    await run(one.orm, down);
  });

  it(
    `verifies after up, and is gone after down, for random entities (${count} from TANDEM_TEST_SEED=${seed})`,
    async () => {
      for (let at = 0; at < count; at += 1) {
        const again = `TANDEM_TEST_SEED=${seed + at}`;
        await using one = await opened(randomEntities(dice(seed + at)));
        const { orm } = one;
        await using folder = await migrationFolder({
          [`Migration20260101000000_m${at}`]: await written(orm),
        });
        const target = { source: 'GCP', database: database(), pool, folder: folder.path } as const;
        const [up] = await migrate([target], { direction: 'up', lockTimeout: 5 });
        expect(up?.problem, again).toBeNull();
        expect(await differences(orm), again).toEqual(none);
        const [down] = await migrate([target], {
          direction: 'down',
          lockTimeout: 5,
          allowDestructive: true,
        });
        expect(down?.problem, again).toBeNull();
        expect(await entityTables(orm), again).toEqual([]);
      }
    },
    60_000 + count * 10_000,
  );
});

describe('beside a database that differs', () => {
  const changes: readonly (readonly [sql: string, object: string, property: string])[] = [
    ['alter table t0 alter column c1 set default 1', 't0.c1', 'default'],
    ["alter table t0 alter column c5 set default b'0111'", 't0.c5', 'default'],
    ['alter table t0 modify c0 decimal(10,1) not null', 't0.c0', 'type'],
    ["alter table t0 alter column c8 set default 'unknowm'", 't0.c8', 'default'],
    [
      "alter table t0 drop check t0_check_0, add constraint t0_check_0 check (name regexp '^[a-y]+$')",
      't0.t0_check_0',
      'expression',
    ],
    ['alter table t0 drop index t0_index_0', 't0.t0_index_0', 'existence'],
    ['alter table t0 drop index t0_index_0, add index t0_index_0 ((upper(name)))', 't0.t0_index_0', 'parts'],
    [
      'alter table t0 modify g0 decimal(12,2) generated always as (price * 1.18) virtual',
      't0.g0',
      'generated',
    ],
  ];

  it('finds what is really another value, and its plan mends it', async () => {
    await using one = await opened(smallEntity());
    const { orm } = one;
    await run(orm, (await written(orm)).up);
    for (const [sql, object, property] of changes) {
      await run(orm, [sql]);
      const { findings, plan } = await driftOf('GCP', orm, orm.em.fork());
      const found = findings.filter(migrationsAside);
      expect(
        found.map((one) => [one.object, one.property]),
        sql,
      ).toEqual([[object, property]]);
      await run(orm, plan.statements);
    }
    expect(await differences(orm)).toEqual(none);
  });

  it('says which tables an account without CREATE could not bring into the server’s spelling, and breaks nothing by it', async () => {
    await using one = await opened(smallEntity());
    const { orm } = one;
    await run(orm, (await written(orm)).up);
    const runtime = await MikroORM.init({
      ...ormOptions('GCP', database(), database().runtime, pool),
    });
    try {
      const { findings, plan } = await driftOf('GCP', orm, runtime.em.fork());
      expect(findings.filter((found) => migrationsAside(found) && found.breaking)).toEqual([]);
      expect(plan.notes).toEqual([expect.stringContaining('no scratch table of the entity’s t0 (1142)')]);
    } finally {
      await runtime.close(true);
    }
  });

  it('drops what a killed run has left, not what another may be using, and compares neither', async () => {
    await using one = await opened(smallEntity());
    const { orm } = one;
    await run(orm, (await written(orm)).up);
    const [old, young] = ['tandem_entities_0123456789ab_0', 'tandem_entities_ba9876543210_0'];
    const session = await connect(database(), database().migrator);
    try {
      await session.query('set timestamp = unix_timestamp() - 3600');
      await session.query(`create table ${old} (id int primary key)`);
      await session.query('set timestamp = default');
      await session.query(`create table ${young} (id int primary key)`);
    } finally {
      await session.end();
    }
    const { findings } = await driftOf('GCP', orm, orm.em.fork());
    expect(findings.filter(migrationsAside)).toEqual([]);
    expect(await tables(orm)).toEqual(['t0', young]);
  });
});

/** How people write types, and how MySQL has them: https://dev.mysql.com/doc/refman/8.4/en/other-vendor-data-types.html */
const spellings: readonly (readonly [written: string, shown: string])[] = [
  ['numeric(10,2)', 'decimal(10,2)'],
  ['NUMERIC( 10 , 2 )', 'decimal(10,2)'],
  ['numeric', 'decimal(10,0)'],
  ['dec(10,2)', 'decimal(10,2)'],
  ['fixed(5)', 'decimal(5,0)'],
  ['numeric(10,2) unsigned', 'decimal(10,2) unsigned'],
  ['decimal(10,2) zerofill', 'decimal(10,2) unsigned zerofill'],
  ['int1', 'tinyint'],
  ['int2', 'smallint'],
  ['int3', 'mediumint'],
  ['middleint', 'mediumint'],
  ['int4', 'int'],
  ['int8', 'bigint'],
  ['integer', 'int'],
  ['INTEGER UNSIGNED', 'int unsigned'],
  ['int(11)', 'int'],
  ['int(11) unsigned', 'int unsigned'],
  ['tinyint(1) unsigned', 'tinyint unsigned'],
  ['bool', 'tinyint(1)'],
  ['boolean', 'tinyint(1)'],
  ['float4', 'float'],
  ['float(24)', 'float'],
  ['float(25)', 'double'],
  ['float8', 'double'],
  ['double precision', 'double'],
  ['real', 'double'],
  ['double precision(10,2)', 'double(10,2)'],
  ['real unsigned', 'double unsigned'],
  ['national varchar(20)', 'varchar(20)'],
  ['nvarchar(20)', 'varchar(20)'],
  ['national char(5)', 'char(5)'],
  ['nchar(5)', 'char(5)'],
  ['character varying(20)', 'varchar(20)'],
  ['character(5)', 'char(5)'],
  ['char', 'char(1)'],
  ['binary', 'binary(1)'],
  ['bit', 'bit(1)'],
  ['char byte', 'binary(1)'],
  ['long varchar', 'mediumtext'],
  ['long varbinary', 'mediumblob'],
  ['text(20)', 'tinytext'],
  ['text(70000)', 'mediumtext'],
  ['blob(20)', 'tinyblob'],
  ['year(4)', 'year'],
  ['datetime(0)', 'datetime'],
  ['timestamp(0)', 'timestamp'],
  ['time(0)', 'time'],
  ["ENUM ( 'a' , 'b' )", "enum('a','b')"],
  ["set('a','b')", "set('a','b')"],
  ['varchar(20) character set utf8mb4', 'varchar(20)'],
  ['varchar(20) charset latin1 collate latin1_swedish_ci', 'varchar(20)'],
  ['geometry srid 4326', 'geometry'],
  ['POINT SRID 4326', 'point'],
  ['point', 'point'],
  ['geometrycollection', 'geomcollection'],
  ['long', 'mediumtext'],
  ['national char', 'char(1)'],
  ['nchar varying(20)', 'varchar(20)'],
  ['double precision unsigned', 'double unsigned'],
  ['int zerofill', 'int(10) unsigned zerofill'],
];

it('finds no difference in a type that an entity spells in another way', async () => {
  const properties = Object.fromEntries(
    spellings.map(([columnType], at) => [`a${at}`, { type: 'string', columnType, nullable: true } as const]),
  );
  await using one = await opened([
    new EntitySchema({
      name: 'Spelt',
      tableName: 't1',
      properties: {
        id: { type: 'number', primary: true, autoincrement: true, columnType: 'integer unsigned' },
        ...properties,
      },
    }),
  ]);
  const { orm } = one;
  await run(orm, (await written(orm)).up);
  const shown = await orm.em.execute<{ type: string }[]>(
    "select column_type as type from information_schema.columns where table_schema = database() and table_name = 't1' order by ordinal_position",
  );
  expect(shown.slice(1).map(({ type }) => type)).toEqual(spellings.map(([, type]) => type));
  const asked = await compareWithEntities(orm, await takeSnapshot('GCP', orm.em.fork()));
  expect(asked.findings.filter(migrationsAside)).toEqual([]);
  expect(await differences(orm)).toEqual(none);
  const at = (written: string) => `a${spellings.findIndex(([each]) => each === written)}`;
  await run(orm, [
    `alter table t1 modify ${at('numeric(10,2)')} decimal(10,3), modify ${at('real')} float, modify ${at('geometry srid 4326')} geometry,
       modify ${at('varchar(20) charset latin1 collate latin1_swedish_ci')} varchar(20)`,
  ]);
  const differing = await compareWithEntities(orm, await takeSnapshot('GCP', orm.em.fork()));
  expect(
    differing.findings
      .filter(migrationsAside)
      .map(({ object, property, left, right, breaking }) => [object, property, left, right, breaking]),
  ).toEqual([
    [`t1.${at('numeric(10,2)')}`, 'type', 'decimal(10,2)', 'decimal(10,3)', true],
    [`t1.${at('real')}`, 'type', 'double', 'float', true],
    [
      `t1.${at('varchar(20) charset latin1 collate latin1_swedish_ci')}`,
      'character set',
      'latin1',
      'utf8mb4',
      true,
    ],
    [`t1.${at('geometry srid 4326')}`, 'srid', '4326', null, true],
  ]);
});

it('finds no difference in tables between two others, whose key is of both', async () => {
  const tag = new EntitySchema<{ id: number }>({
    name: 'Tag',
    tableName: 't2',
    properties: { id: { type: 'number', primary: true, columnType: 'integer' } },
  });
  const page: EntitySchema = new EntitySchema({
    name: 'Page',
    tableName: 't1',
    properties: {
      id: { type: 'number', primary: true, columnType: 'bigint unsigned' },
      lang: { type: 'string', primary: true, columnType: 'national varchar(5)' },
      tags: { kind: 'm:n', entity: () => tag, pivotTable: 't3', owner: true },
      ordered: { kind: 'm:n', entity: () => tag, pivotTable: 't4', owner: true, fixedOrder: true },
      parts: { kind: 'm:n', entity: () => page, pivotTable: 't5', owner: true },
    },
  });
  await using one = await opened([page, tag]);
  const { orm } = one;
  await run(orm, (await written(orm)).up);
  const asked = await compareWithEntities(orm, await takeSnapshot('GCP', orm.em.fork()));
  expect(asked.findings.filter(migrationsAside)).toEqual([]);
  expect(await differences(orm)).toEqual(none);
});

it('writes a text of `default` and of `items` as a literal that MySQL gives back, whatever is in it', async () => {
  const texts = [
    "it's",
    'a\\b',
    '\\',
    "'",
    "''",
    'a"b`c',
    "\\'); drop table t1; --",
    'line\nbreak',
    '%\\_',
    '',
    'ünï 字',
  ];
  const entity = new EntitySchema({
    name: 'Texts',
    tableName: 't1',
    properties: {
      id: { type: 'number', primary: true, autoincrement: true, columnType: 'int' },
      // As whoever met the fault before has written it.
      raw: { type: 'string', length: 50, defaultRaw: "'it''s'" },
      kind: { enum: true, items: ['new', "it's", 'a\\b'], default: "it's" },
      ...Object.fromEntries(
        texts.map((text, at) => [
          `a${at}`,
          { type: 'string', length: 50, default: text, comment: text } as const,
        ]),
      ),
    },
  } as never);
  await using open = await opened([entity]);
  const { orm } = open;
  for (const sql of (await written(orm)).up) await orm.em.execute(sql);
  await orm.em.execute('insert into t1 values ()');
  const [row] = await orm.em.execute<Record<string, unknown>[]>('select * from t1');
  expect(row).toEqual({
    id: 1,
    raw: "it's",
    kind: "it's",
    ...Object.fromEntries(texts.map((text, at) => [`a${at}`, text])),
  });
  expect(await differences(orm)).toEqual({
    breaking: [],
    findings: [],
    statements: [],
    notes: [],
    breakingUnrendered: [],
  });
});
