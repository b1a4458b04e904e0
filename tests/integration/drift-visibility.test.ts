import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareSources } from '../../src/drift/drift.ts';
import { type SchemaSnapshot, takeSnapshot } from '../../src/drift/snapshot.ts';
import type { SourceName } from '../../src/source-name.ts';
import { connect } from '../helpers/driver.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';

// Two schemas of one server stand for the two clouds.
let server: OwnServer;
const schemas = { AZURE: 'tandem', GCP: 'other' } as const;

beforeAll(async () => {
  server = await startOwnServer();
  await server.sql('create database other');
  for (const [schema, value] of [
    ['tandem', "'it''s'"],
    ['other', "'its'"],
  ]) {
    for (const sql of [
      `create table ${schema}.t (id int primary key, a varchar(20))`,
      `create view ${schema}.v as select id, ${value} as a from ${schema}.t`,
      `create procedure ${schema}.p() select ${value}`,
      `create function ${schema}.f() returns varchar(20) deterministic return ${value}`,
      `create trigger ${schema}.g before insert on ${schema}.t for each row set new.a = ${value}`,
      `create event ${schema}.e on schedule every 1 year disable do set @a = ${value}`,
    ])
      await server.sql(sql);
  }
});

afterAll(async () => server[Symbol.asyncDispose]());

async function look(source: SourceName): Promise<SchemaSnapshot> {
  const name = schemas[source];
  const connection: Connection = await connect({ ...server.config, name }, server.config.runtime);
  try {
    return await takeSnapshot(source, {
      execute: async <T>(sql: string) => (await connection.query(sql))[0] as T,
    });
  } finally {
    connection.destroy();
  }
}

async function driftWith(privileges: string) {
  for (const name of Object.values(schemas)) {
    await server.sql(`revoke if exists all on ${name}.* from tandem`);
    await server.sql(`grant ${privileges} on ${name}.* to tandem`);
  }
  const { findings, notVisible, plan } = compareSources(await look('AZURE'), await look('GCP'));
  return {
    found: findings.map(({ kind, property }) => `${kind} ${property}`),
    notVisible,
    notes: plan.notes,
  };
}

it('names the routines whose bodies an account may not see, and compares the rest of them', async () => {
  await server.sql('create procedure other.q() select 1');
  const { found, notVisible, notes } = await driftWith('select, insert, execute, show view, trigger, event');
  expect(found).toEqual(['VIEW definition', 'TRIGGER statement', 'ROUTINE existence', 'EVENT body']);
  expect(notVisible).toEqual([]);
  expect(notes).toEqual([
    'The account on azure may not see the definition of the routines f, p, which was not compared: it needs SHOW_ROUTINE.',
    'The account on gcp may not see the definition of the routines f, p, q, which was not compared: it needs SHOW_ROUTINE.',
  ]);
  await server.sql('drop procedure other.q');
});

it('compares their bodies, and names none, with SHOW_ROUTINE', async () => {
  await server.sql('grant show_routine on *.* to tandem');
  const { found, notes } = await driftWith('select, insert, execute, show view, trigger, event');
  expect(found).toEqual([
    'VIEW definition',
    'TRIGGER statement',
    'ROUTINE body',
    'ROUTINE body',
    'EVENT body',
  ]);
  expect(notes).toEqual([]);
  await server.sql('revoke show_routine on *.* from tandem');
});

it.each([
  ['execute, trigger, event', ['VIEW']],
  ['execute, show view, event', ['TRIGGER']],
  ['trigger, show view, event', ['ROUTINE']],
  ['execute, show view, trigger', ['EVENT']],
  ['update', ['VIEW', 'TRIGGER', 'ROUTINE', 'EVENT']],
])('says which kinds it leaves out where an account has %s besides', async (privileges, kinds) => {
  const { notVisible, found, notes } = await driftWith(`select, insert, ${privileges}`);
  expect(notVisible).toEqual(kinds);
  expect(found.filter((finding) => kinds.some((kind) => finding.startsWith(kind)))).toEqual([]);
  expect(notes.filter((note) => !note.includes('SHOW_ROUTINE'))).toEqual([]);
});
