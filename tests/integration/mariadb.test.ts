import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/mysql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/config.ts';
import { compareSources, driftOf } from '../../src/drift/drift.ts';
import type { Kind } from '../../src/drift/finding.ts';
import { observe } from '../../src/drift/observe.ts';
import { ensureLocal } from '../../src/local/local.ts';
import type { LocalPair } from '../../src/local/types.ts';
import { migrate } from '../../src/migrator/run.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, pool, testConfig } from '../helpers/databases.ts';
import { type TestHome, testHome } from '../helpers/local-home.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// 15 MB from the machine's Debian or Ubuntu mirror the first time, so only when asked for.
describe.skipIf(process.env.TANDEM_TEST_ORIGINS !== '1')('a pair of MariaDB', () => {
  let at: TestHome;
  let pair: LocalPair;
  let config: Config;
  let server: TestServer;
  let orms: Record<SourceName, MikroORM>;

  const open = (name: SourceName, { databases } = config) =>
    MikroORM.init(ormOptions(name, databases[name], databases[name].migrator, pool));
  const look = (name: SourceName) => observe(name, orms[name].em);
  const everywhere = async (sql: string) => {
    for (const name of sourceNames) await orms[name].em.execute(sql);
  };
  const toAll = (direction: 'up' | 'down') =>
    migrate(
      sourceNames.map((source) => ({ source, database: config.databases[source], pool })),
      { direction, lockTimeout: 1, checked: true, ...(direction === 'down' ? { count: 1 } : {}) },
    );

  beforeAll(async () => {
    at = testHome();
    pair = await ensureLocal({ home: at.home, origins: ['mariadb'] });
    config = testConfig(loadConfig({ ...process.env, ...pair.env }, '/nonexistent').databases);
    orms = { AZURE: await open('AZURE'), GCP: await open('GCP') };
  }, 300_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    for (const name of sourceNames) await orms?.[name].close(true);
    await pair?.stop();
    await at?.[Symbol.asyncDispose]();
  });

  it('is migrated up, down and up, and then has no drift', async () => {
    for (const direction of ['up', 'down', 'up'] as const) {
      const results = await toAll(direction);
      expect(results.map(({ ok, problem }) => [ok, problem])).toEqual(sourceNames.map(() => [true, null]));
    }
    for (const name of sourceNames) {
      expect((await driftOf(name, orms[name], orms[name].em)).findings).toEqual([]);
    }
    expect(compareSources(await look('AZURE'), await look('GCP')).findings).toEqual([]);
  });

  it('is written to and read', async () => {
    server = await startServer(config);
    for (const name of sourceNames) {
      const { data, errors } = await server.ask(`mutation {
        createPatient(source: ${name}, input: {
          firstName: "Ada", lastName: "Exampleton", dateOfBirth: "1990-02-28", gender: FEMALE
          records: [{ diagnosis: "Fracture", admissionDate: "2026-05-04" }]
        }) { patient { key } }
      }`);
      expect(errors).toBeUndefined();
      const { key } = data.createPatient.patient;
      const read = await server.ask(
        `{ patient(source: ${name}, key: ${key}) { dateOfBirth records { diagnosis } } drift { ${name.toLowerCase()} { findings { object } } } }`,
      );
      expect(read.errors).toBeUndefined();
      expect(read.data.patient).toEqual({ dateOfBirth: '1990-02-28', records: [{ diagnosis: 'Fracture' }] });
      expect(read.data.drift).toEqual({ [name.toLowerCase()]: { findings: [] } });
    }
  });

  it('ends a statement at its deadline, and would do so by itself a second later', async () => {
    const limits = { ...pool, statementTimeoutMs: 700 };
    await using source = await openSource('AZURE', config.databases.AZURE, limits);
    const [row] = await source.arrays({ sql: 'select @@max_statement_time', params: [] });
    expect(row).toEqual([1.7]);
    const begun = performance.now();
    const sleeping = source.arrays({ sql: 'select sleep(30)', params: [] });
    await expect(sleeping).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(performance.now() - begun).toBeLessThan(1600);
    const running = async () =>
      (await source.ask<{ info: string | null }>('show processlist')).filter((session) =>
        JSON.stringify(session).includes('sleep(30)'),
      );
    while ((await running()).length > 0) await delay(20);
  });

  it.each<[sql: string, kind: Kind, object: string, property: string, was: string | null, is: string | null]>(
    [
      [
        'alter table patients modify first_name varchar(60) not null',
        'COLUMN',
        'patients.first_name',
        'type',
        'varchar(50)',
        'varchar(60)',
      ],
      [
        "alter table patients modify contact_number varchar(20) null default 'it''s \\\\'",
        'COLUMN',
        'patients.contact_number',
        'default',
        null,
        "'it''s \\\\'",
      ],
      [
        'alter table patients drop index patients_date_of_birth_index',
        'INDEX',
        'patients.patients_date_of_birth_index',
        'existence',
        'BTREE (date_of_birth)',
        null,
      ],
      [
        'alter table medical_records drop foreign key medical_records_patient_id_foreign',
        'FOREIGN_KEY',
        'medical_records.medical_records_patient_id_foreign',
        'existence',
        'patient_id → patients (id)',
        null,
      ],
      [
        'alter table medical_records drop constraint medical_records_discharge_date_check',
        'CHECK',
        'medical_records.medical_records_discharge_date_check',
        'existence',
        'discharge_date is null or discharge_date >= admission_date',
        null,
      ],
    ],
  )('tells, and mends: %s', async (sql, kind, object, property, was, is) => {
    await orms.GCP.em.execute(sql);
    const { findings } = compareSources(await look('AZURE'), await look('GCP'));
    expect(findings).toMatchObject([{ kind, object, property, left: was, right: is }]);
    const beside = await driftOf('GCP', orms.GCP, orms.GCP.em);
    expect(beside.findings).toMatchObject([{ kind, object, property, right: is }]);
    for (const statement of findings.flatMap(({ statements }) => statements)) {
      await orms.GCP.em.execute(statement);
    }
    expect(compareSources(await look('AZURE'), await look('GCP')).findings).toEqual([]);
  });

  it('tells, and mends, partitions and triggers too', async () => {
    await using _ = { [Symbol.asyncDispose]: () => everywhere('drop table days') };
    await everywhere('create table days (day date not null, n int not null, primary key (day, n))');
    await orms.AZURE.em.execute(
      "alter table days partition by range (year(day)) (partition p0 values less than (2020) comment = 'it''s old', partition p1 values less than (maxvalue))",
    );
    await orms.AZURE.em.execute(
      "create trigger days_first before insert on days for each row set @said = 'it''s \\\\ 1'",
    );
    const { findings } = compareSources(await look('AZURE'), await look('GCP'));
    expect(findings.map(({ object, property }) => [object, property])).toEqual([
      ['days', 'partitioned by'],
      ['days.days_first', 'existence'],
    ]);
    for (const statement of findings.flatMap(({ statements }) => statements)) {
      await orms.GCP.em.execute(statement);
    }
    expect(compareSources(await look('AZURE'), await look('GCP')).findings).toEqual([]);
  });

  it('reads in its catalogue what MySQL says of the same table in other words', async () => {
    await using databases = await createDatabases({ migrated: false });
    await using _ = {
      [Symbol.asyncDispose]: () => everywhere('drop table things, others'),
    };
    const tables = [
      `create table things (
        id int not null auto_increment primary key,
        name varchar(50) not null default 'it''s \\\\ "x"',
        count int not null default 7,
        price decimal(10,2) null default 1.50,
        word varchar(10) null default 'NULL',
        bits bit(3) null default b'101',
        token varchar(60) null default (uuid()),
        doc json null,
        \`do\`\`c\` json not null,
        twice int generated always as (count * 2) stored,
        thrice int generated always as (length(name) + count) virtual,
        changed datetime(3) not null default current_timestamp(3) on update current_timestamp(3),
        made datetime not null default current_timestamp,
        hidden int null invisible,
        state enum('NEW', 'it''s') not null default 'it''s',
        index things_name_index (name(10) desc),
        constraint things_check check (name <> 'it''s \\\\ not' and (count > 0 or price >= 1.5)))`,
      // Of one name in two tables: MySQL has none such.
      'create table others (id int not null primary key, count int null)',
    ];
    const mysql = await open('GCP', databases.config);
    for (const sql of tables) {
      const whole = `${sql} default character set utf8mb4 collate utf8mb4_general_ci`;
      await mysql.em.execute(whole);
      await everywhere(whole);
    }
    const [maria, other, theirs] = [await look('AZURE'), await look('GCP'), await observe('GCP', mysql.em)];
    await mysql.close(true);
    expect(compareSources(maria, other).findings).toEqual([]);
    const only = (name: string) => ['things', 'others'].includes(name);
    const schema = { ...maria.schema, tables: maria.schema.tables.filter(({ name }) => only(name)) };
    expect(compareSources({ ...maria, schema, history: [] }, theirs).findings).toEqual([]);
  });

  it('tells checks of one name in two tables apart', async () => {
    await using _ = { [Symbol.asyncDispose]: () => everywhere('drop table a, b') };
    await everywhere('create table a (n int, constraint positive check (n > 0))');
    await everywhere('create table b (n int, constraint positive check (n > 1))');
    const { schema } = await look('AZURE');
    const checks = schema.tables.filter(({ name }) => name.length === 1).map((table) => table.checks);
    expect(checks).toEqual([
      [{ name: 'positive', expression: '`n` > 0', enforced: true }],
      [{ name: 'positive', expression: '`n` > 1', enforced: true }],
    ]);
  });
});
