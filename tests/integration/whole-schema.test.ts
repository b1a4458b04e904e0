import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareSources } from '../../src/drift/drift.ts';
import { takeSnapshot } from '../../src/drift/snapshot.ts';
import { lintStatements } from '../../src/migrator/lint/lint.ts';
import { migrate } from '../../src/migrator/run-migrations.ts';
import type { SourceName } from '../../src/source-name.ts';
import { sourceNames } from '../../src/source-name.ts';
import { splitStatements } from '../../src/sql/split-statements.ts';
import { pool } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';

// A schema as Sakila is, in one text, as its authors ship it: through the lint, the runner and drift.
const script = readFileSync('tests/fixtures/rental-shop.sql', 'utf8');
const statements = splitStatements(script);

// On servers of its own: the accounts of the pair may make no routines.
let servers: Record<SourceName, OwnServer>;

beforeAll(async () => {
  const [AZURE, GCP] = await Promise.all([startOwnServer(), startOwnServer()]);
  servers = { AZURE, GCP };
});

afterAll(async () => {
  for (const server of Object.values(servers ?? {})) await server[Symbol.asyncDispose]();
});

async function asked<T>(source: SourceName, work: (execute: <R>(sql: string) => Promise<R>) => Promise<T>) {
  const { config: database } = servers[source];
  const connection = await connect(database, database.migrator);
  try {
    return await work(async <R>(sql: string) => (await connection.query(sql))[0] as R);
  } finally {
    connection.destroy();
  }
}

it('is split into its statements, and the lint reads each', () => {
  expect(statements).toHaveLength(23);
  expect(statements.filter((sql) => /^create/i.test(sql.replace(/^--.*\n/gm, '')))).toHaveLength(21);
  const findings = lintStatements(statements);
  expect(findings.filter(({ rule }) => rule === 'not-understood')).toEqual([]);
});

it('comes to both clouds by one migration, without drift', async () => {
  await using folder = await migrationFolder({ M1: { up: [script], down: [] } });
  const targets = sourceNames.map((source) => ({
    source,
    database: servers[source].config,
    pool,
    folder: folder.path,
  }));
  const results = await migrate(targets, { direction: 'up', lockTimeout: 10 });
  expect(results.map(({ problem }) => problem)).toEqual([null, null]);
  const [azure, gcp] = await Promise.all(
    sourceNames.map((source) => asked(source, (execute) => takeSnapshot(source, { execute }))),
  );
  if (azure === undefined || gcp === undefined) throw new Error('Both have answered.');
  expect(gcp.schema.tables).toHaveLength(13);
  expect(gcp.schema.tables.find(({ name }) => name === 'address')?.columns.map(({ name }) => name)).toEqual([
    'address_id',
    'address',
    'address2',
    'district',
    'city_id',
    'postal_code',
    'location',
  ]);
  expect([gcp.schema.views, gcp.schema.triggers, gcp.schema.routines].map(({ length }) => length)).toEqual([
    2, 3, 3,
  ]);
  expect(compareSources(azure, gcp)).toMatchObject({ findings: [], plan: { statements: [] } });
  expect(gcp.schema.tables.flatMap(({ foreignKeys }) => foreignKeys)).toHaveLength(14);
});

it('is made by drift where it is missing, whole', async () => {
  for (const name of ['actor_info', 'customer_list'])
    await asked('GCP', (execute) => execute(`drop view ${name}`));
  await asked('GCP', async (execute) => {
    await execute('drop procedure rewards_report');
    await execute('alter table film drop check chk_film_rate, drop column rating');
    await execute('drop trigger upd_film');
    await execute('drop table film_text');
  });
  const look = (source: SourceName) => asked(source, (execute) => takeSnapshot(source, { execute }));
  const { findings, plan } = compareSources(await look('AZURE'), await look('GCP'));
  expect(findings.length).toBeGreaterThan(5);
  await asked('GCP', async (execute) => {
    for (const sql of plan.statements) await execute(sql);
  });
  expect(compareSources(await look('AZURE'), await look('GCP')).findings).toEqual([]);
});
