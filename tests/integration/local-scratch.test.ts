import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureLocal } from '../../src/local/local-pair.ts';
import type { LocalPair } from '../../src/local/types.ts';
import { passwordOf } from '../helpers/driver.ts';
import { ask, hasNativeServer, type TestHome, testHome } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { tandem } from '../helpers/run-command-line.ts';

// A plan is tried on the local server of the same version, where the settings name no scratch database; the server of both
// sources here is one that no local pair knows.

const databases = { AZURE: 'tandem', GCP: 'second' } as const;

let own: OwnServer;
let at: TestHome;
let pair: LocalPair;
let settings: Record<string, string>;

const programs = [
  'create function plus_one(n int) returns int deterministic return n + 1',
  'create procedure p() begin select 1; end',
  'create view v as select id, plus_one(id) as more from t',
  'create trigger g before insert on t for each row set new.n = plus_one(new.n)',
  'create event e on schedule every 1 day disable do set @a = 1',
];

describe.skipIf(!(await hasNativeServer()))('a plan without a scratch database in the settings', () => {
  beforeAll(async () => {
    at = testHome();
    [own, pair] = await Promise.all([startOwnServer(), ensureLocal(at.options)]);
    await own.sql('create database second');
    await own.sql("grant all on second.* to 'tandem_migrator'@'%'");
    // Without, it sees no bodies of routines but its own.
    await own.sql("grant show_routine on *.* to 'tandem_migrator'@'%'");
    await own.sql('set global sql_generate_invisible_primary_key = ON');
    for (const sql of [
      'use tandem',
      'create table t (id int primary key, n int not null, c varchar(9) character set latin1)',
      'create table without_key (id int primary key, n int)',
      ...programs,
      'use second',
      'create table without_key (n int)',
      'set session sql_generate_invisible_primary_key = ON',
      'create table t (n bigint)',
    ])
      await own.sql(sql);
    const { host, port, runtime, migrator } = own.config;
    settings = Object.fromEntries(
      Object.entries(databases).flatMap(([source, name]) =>
        Object.entries({
          HOST: host,
          PORT: String(port),
          NAME: name,
          USER: runtime.user,
          PASSWORD: passwordOf(runtime),
          MIGRATOR_USER: migrator.user,
          MIGRATOR_PASSWORD: passwordOf(migrator),
          SSL_CA: own.files.ca,
        }).map(([key, value]) => [`${source}_DB_${key}`, value]),
      ),
    );
  }, 120_000);

  afterAll(async () => {
    await pair?.stop();
    await at?.[Symbol.asyncDispose]();
    await own?.[Symbol.asyncDispose]();
  });

  async function verification(more: Record<string, string> = {}, localHome = at.home): Promise<unknown> {
    const { stdout, stderr } = await tandem(
      ['drift', '--json', '--only', 'azure-gcp'],
      { ...settings, ...more },
      { localHome },
    );
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout).comparisons[0].plan.verification;
  }

  const scratches = () =>
    ask<{ name: string }>(
      pair,
      'GCP',
      'migrator',
      "select schema_name as name from information_schema.schemata where schema_name like 'tandem\\_scratch%'",
    );

  it('is tried on the local server of the same version, programs and invisible keys too, which keeps nothing', async () => {
    // What a killed run has left, and what another may be using.
    const [old, young] = [Date.now() - 3_600_000, Date.now()].map(
      (time) => `tandem_scratch_${time.toString(36)}_0123abcd`,
    );
    for (const name of [old, young]) await ask(pair, 'GCP', 'migrator', `create database ${name}`);
    expect(await verification()).toEqual({
      state: 'VERIFIED',
      detail: expect.stringMatching(/^on the local server \(MySQL \d+\.\d+\.\d.*\)$/),
    });
    expect(await scratches()).toEqual([{ name: young }]);
    await ask(pair, 'GCP', 'migrator', `drop database ${young}`);
  });

  it('is not tried where the local server has another version, and the report says so', async () => {
    const file = join(at.home, 'local.json');
    const record = await readFile(file, 'utf8');
    await writeFile(file, record.replaceAll(/"version": "\d+\.\d+/g, '"version": "5.1'));
    try {
      expect(await verification()).toEqual({
        state: 'NOT_VERIFIED',
        detail: expect.stringMatching(
          /^the local server is MySQL 5\.1 and GCP is \d+\.\d+: set GCP_DB_SCRATCH_NAME$/,
        ),
      });
    } finally {
      await writeFile(file, record);
    }
    expect(await scratches()).toEqual([]);
  });

  it('is not tried where no local server runs, and none is started', async () => {
    expect(await verification({}, join(at.home, 'none'))).toEqual({ state: 'NOT_VERIFIED', detail: null });
  });

  it('is not tried in a scratch database on which the account lacks a privilege: the report names the GRANT', async () => {
    await own.sql('create database scratch');
    const most = 'SELECT, INSERT, CREATE, DROP, ALTER, INDEX, REFERENCES, TRIGGER, CREATE VIEW, SHOW VIEW';
    await own.sql(`grant ${most} on scratch.* to 'tandem_migrator'@'%'`);
    const more = { GCP_DB_SCRATCH_NAME: 'scratch' };
    expect(await verification(more)).toEqual({
      state: 'NOT_VERIFIED',
      detail:
        'the migrator’s account lacks CREATE ROUTINE, EVENT on the scratch database: as the administrator, GRANT CREATE ROUTINE, EVENT ON `scratch`.* TO it',
    });
    expect(await own.sql("select * from information_schema.tables where table_schema = 'scratch'")).toEqual(
      [],
    );
    await own.sql("grant CREATE ROUTINE, EVENT ON `scratch`.* to 'tandem_migrator'@'%'");
    // Nor has the copy a key that the real table has not: a server that generates keys drops none.
    expect(await verification(more)).toEqual({
      state: 'NOT_VERIFIED',
      detail: expect.stringMatching(/^no copy could be made, .*\(1235\)$/),
    });
    await own.sql('drop table second.without_key');
    expect(await verification(more)).toEqual({ state: 'VERIFIED', detail: null });
  });
});
