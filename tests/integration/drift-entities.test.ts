import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/mysql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareSources, driftOf } from '../../src/drift/drift.ts';
import type { Comparison, Kind } from '../../src/drift/finding.ts';
import { type SchemaSnapshot, takeSnapshot } from '../../src/drift/snapshot.ts';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { spawnTandem, tandem } from '../helpers/run-command-line.ts';
import { startServer } from '../helpers/server.ts';
import { startProxy } from '../helpers/tcp-proxy.ts';

let databases: TestDatabases;
let orms: Record<SourceName, MikroORM>;
let settings: Record<string, string>;

beforeAll(async () => {
  databases = await createDatabases();
  settings = environmentOf(databases.config);
  const open = (name: SourceName) => {
    const database = databases.config.databases[name];
    return MikroORM.init(ormOptions(name, database, database.migrator, pool));
  };
  orms = { AZURE: await open('AZURE'), GCP: await open('GCP') };
});

afterAll(async () => {
  for (const name of sourceNames) await orms?.[name].close(true);
  await databases?.[Symbol.asyncDispose]();
});

type Plant = readonly [
  sql: string,
  kind: Kind,
  object: string,
  property: string,
  wanted: string | null,
  found: string | null,
  cosmetic?: 'cosmetic',
];

const patients = (rest: string) => `alter table patients ${rest}`;
const records = (rest: string) => `alter table medical_records ${rest}`;
const fk = 'medical_records.medical_records_patient_id_foreign';
const anew = (rules: string) =>
  `alter table medical_records add constraint medical_records_patient_id_foreign foreign key (patient_id) references patients (id) ${rules}`;

const plants: readonly Plant[] = [
  ['drop table medical_records', 'TABLE', 'medical_records', 'existence', 'a table', null],
  [
    patients('drop column contact_number'),
    'COLUMN',
    'patients.contact_number',
    'existence',
    'varchar(20)',
    null,
  ],
  [patients('add column added int null'), 'COLUMN', 'patients.added', 'existence', null, 'int', 'cosmetic'],
  [patients('add column added int not null'), 'COLUMN', 'patients.added', 'existence', null, 'int'],
  [
    patients('modify first_name varchar(40) not null'),
    'COLUMN',
    'patients.first_name',
    'type',
    'varchar(50)',
    'varchar(40)',
  ],
  [
    patients("modify gender enum('FEMALE', 'MALE') not null"),
    'COLUMN',
    'patients.gender',
    'type',
    "enum('FEMALE','MALE','OTHER','UNKNOWN')",
    "enum('FEMALE','MALE')",
  ],
  [patients('modify first_name varchar(50) null'), 'COLUMN', 'patients.first_name', 'nullable', 'no', 'yes'],
  [
    patients('modify contact_number varchar(20) not null'),
    'COLUMN',
    'patients.contact_number',
    'nullable',
    'yes',
    'no',
  ],
  [
    patients("modify contact_number varchar(20) null default '1'"),
    'COLUMN',
    'patients.contact_number',
    'default',
    null,
    "'1'",
  ],
  [records('modify id int not null'), 'COLUMN', 'medical_records.id', 'auto increment', 'yes', 'no'],
  [
    records('modify diagnosis varchar(100) generated always as (treatment) stored not null'),
    'COLUMN',
    'medical_records.diagnosis',
    'generated',
    null,
    '`treatment` STORED',
  ],
  [
    patients('drop index patients_date_of_birth_index'),
    'INDEX',
    'patients.patients_date_of_birth_index',
    'existence',
    'BTREE (date_of_birth)',
    null,
    'cosmetic',
  ],
  [
    patients('add index added (gender)'),
    'INDEX',
    'patients.added',
    'existence',
    null,
    'BTREE (gender)',
    'cosmetic',
  ],
  [
    patients('add unique index added (gender)'),
    'INDEX',
    'patients.added',
    'existence',
    null,
    'unique BTREE (gender)',
  ],
  [
    patients(
      'drop index patients_date_of_birth_index, add index patients_date_of_birth_index (date_of_birth desc)',
    ),
    'INDEX',
    'patients.patients_date_of_birth_index',
    'parts',
    'date_of_birth',
    'date_of_birth desc',
    'cosmetic',
  ],
  [
    records('drop foreign key medical_records_patient_id_foreign'),
    'FOREIGN_KEY',
    fk,
    'existence',
    'patient_id → patients (id)',
    null,
  ],
  [
    `${records('drop foreign key medical_records_patient_id_foreign')};${anew('on delete cascade on update restrict')}`,
    'FOREIGN_KEY',
    fk,
    'on delete',
    'RESTRICT',
    'CASCADE',
  ],
  [
    `${records('drop foreign key medical_records_patient_id_foreign')};${anew('on delete restrict on update cascade')}`,
    'FOREIGN_KEY',
    fk,
    'on update',
    'RESTRICT',
    'CASCADE',
  ],
  [
    records('drop check medical_records_discharge_date_check'),
    'CHECK',
    'medical_records.medical_records_discharge_date_check',
    'existence',
    '((discharge_date is null) or (discharge_date >= admission_date))',
    null,
  ],
  [
    records('alter check medical_records_discharge_date_check not enforced'),
    'CHECK',
    'medical_records.medical_records_discharge_date_check',
    'enforced',
    'yes',
    'no',
  ],
];

async function run(name: SourceName, statements: readonly string[]) {
  for (const sql of statements) await orms[name].em.execute(sql);
}

const drift = async (name: SourceName) => (await driftOf(name, orms[name], orms[name].em)).findings;

describe.each(sourceNames)('beside the entities, %s', (name) => {
  it('differs in nothing after its migrations', async () => {
    expect(await driftOf(name, orms[name], orms[name].em)).toEqual({
      left: 'ENTITIES',
      right: name,
      findings: [],
      plan: { statements: [], notes: [], verification: { state: 'NOT_VERIFIED', detail: null } },
      notVisible: [],
      notManaged: [],
    });
  });

  it('lists the tables of others, and finds and offers nothing there or in what entities cannot know', async () => {
    await run(name, [
      'create table other_visits (id int primary key, patient int, foreign key (patient) references patients (id))',
      'create table `other.things` (id int)',
      'create view other_view as select id from patients',
      'create trigger other_trigger before insert on patients for each row set new.last_name = trim(new.last_name)',
    ]);
    try {
      const { findings, plan, notManaged } = await driftOf(name, orms[name], orms[name].em);
      expect({ findings, statements: plan.statements }).toEqual({ findings: [], statements: [] });
      expect(notManaged).toEqual(['other.things', 'other_visits']);
    } finally {
      await run(name, [
        'drop trigger other_trigger',
        'drop view other_view',
        'drop table other_visits, `other.things`',
      ]);
    }
  });

  it('mends a table to which one of others refers, and leaves that its foreign key', async () => {
    await run(name, [
      'create table other_badges (licence varchar(70), constraint other_key foreign key (licence) references doctors (licence_number))',
      'set foreign_key_checks = 0',
      'alter table doctors modify licence_number varchar(70) not null',
      'set foreign_key_checks = 1',
    ]);
    const keys = `select constraint_name from information_schema.referential_constraints
      where constraint_schema = database() and table_name = 'other_badges'`;
    try {
      const { findings, plan } = await driftOf(name, orms[name], orms[name].em);
      expect(findings.map(({ object, property }) => [object, property])).toEqual([
        ['doctors.licence_number', 'type'],
      ]);
      await run(name, plan.statements);
      expect(await drift(name)).toEqual([]);
      expect(await orms[name].em.execute(keys)).toHaveLength(1);
    } finally {
      await run(name, ['drop table other_badges']);
    }
  });

  it('says that a view stands where a table is to be, and does not drop it', async () => {
    await run(name, [
      'rename table medical_records to kept',
      'create view medical_records as select 1 as id',
    ]);
    try {
      const { plan, notManaged } = await driftOf(name, orms[name], orms[name].em);
      expect(plan.statements.filter((sql) => /^drop/.test(sql))).toEqual([]);
      expect(plan.notes).toContainEqual(expect.stringMatching(/^There is a view called medical_records: /));
      expect(notManaged).toEqual(['kept']);
    } finally {
      await run(name, ['drop view medical_records', 'rename table kept to medical_records']);
    }
  });

  for (const [sql, kind, object, property, left, right, cosmetic] of plants) {
    it(`differs by ${sql}`, async () => {
      await run(name, sql.split(';'));
      const { findings: found, plan } = await driftOf(name, orms[name], orms[name].em);
      await run(name, plan.statements);
      expect(await drift(name)).toEqual([]);
      expect(found.map(({ statements, losesData, ...said }) => said)).toEqual([
        { kind, object, property, left, right, breaking: cosmetic === undefined },
      ]);
    });
  }

  it('leaves what the ORM knows of the entities as it was', async () => {
    const known = () =>
      [...orms[name].getMetadata().getAll().values()].flatMap(({ props }) =>
        props.map(({ name, length, precision, scale }) => [name, length, precision, scale]),
      );
    await orms[name].close();
    const database = databases.config.databases[name];
    orms[name] = await MikroORM.init(ormOptions(name, database, database.migrator, pool));
    const before = known();
    await drift(name);
    expect(known()).toEqual(before);
  });

  it('differs by what it leaves open in nothing', async () => {
    await run(name, [
      patients("comment = 'people', row_format = compact"),
      patients('modify last_name varchar(50) not null first'),
    ]);
    expect(await drift(name)).toEqual([]);
    await run(name, [
      patients("comment = '', row_format = default"),
      patients('modify last_name varchar(50) not null after first_name'),
    ]);
  });

  it('says which migrations did not run, and which this build does not know', async () => {
    const [first] = await orms[name].em.execute<{ name: string }[]>(
      'select name from mikro_orm_migrations order by id',
    );
    await run(name, [
      "update mikro_orm_migrations set name = 'Migration20991231000000_later' order by id limit 1",
    ]);
    const found = (await drift(name)).filter(({ kind }) => kind === 'MIGRATION');
    await run(name, [`update mikro_orm_migrations set name = '${first?.name}' order by id limit 1`]);
    expect(found).toMatchObject([
      { object: first?.name, property: 'existence', left: 'in this build', right: null, breaking: true },
      { object: 'Migration20991231000000_later', left: null, right: 'applied', breaking: false },
    ]);
  });
});

it('says which of the clouds’ migrations ran on one only, and which ran in another order', async () => {
  const look = async () => {
    const [azure, gcp] = await Promise.all(sourceNames.map((name) => takeSnapshot(name, orms[name].em)));
    return compareSources(azure as SchemaSnapshot, gcp as SchemaSnapshot).findings;
  };
  const { history } = await takeSnapshot('GCP', orms.GCP.em);
  const [last = '', before = ''] = history.toReversed();
  const rename = (from: string, to: string) =>
    `update mikro_orm_migrations set name = '${to}' where name = '${from}'`;

  await run('GCP', [rename(last, 'planted')]);
  const missing = await look();
  await run('GCP', [rename(before, last), rename('planted', before)]);
  const swapped = await look();
  await run('GCP', [rename(last, 'planted'), rename(before, last), rename('planted', before)]);

  expect(missing).toMatchObject([
    { kind: 'MIGRATION', object: last, property: 'existence', left: 'applied', right: null, breaking: true },
    { kind: 'MIGRATION', object: 'planted', property: 'existence', left: null, right: 'applied' },
  ]);
  expect(swapped).toMatchObject([
    { kind: 'MIGRATION', object: before, property: 'order', right: `after ${last}`, breaking: false },
  ]);
  expect(await look()).toEqual([]);
});

describe('tandem drift', () => {
  it('exits with 0 where there is none', async () => {
    const { code, stdout, stderr } = await spawnTandem(['drift'], settings);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      // The migrator of the local pair may not see routines and what views say.
      stdout: expect.stringMatching(
        /^azure ↔ gcp {2}no drift\n.*\nentities ↔ azure {2}no drift\nentities ↔ gcp {2}no drift\n$/,
      ),
      stderr: '',
    });
  });

  it('exits with 2 where there is, unless only what breaks counts and nothing does', async () => {
    await run('GCP', [patients("modify contact_number varchar(20) null comment 'a \\'<b>|\\''")]);
    const folder = await mkdtemp(join(tmpdir(), 'tandem-drift-'));
    try {
      const json = await tandem(['drift', '--json'], settings);
      expect(json.code).toBe(exitCodes.drift.DRIFT);
      const report = JSON.parse(json.stdout);
      expect(report).toMatchObject({ ok: false, exitCode: 2, failOn: 'any', unreachable: [] });
      expect(report.comparisons.map((one: { findings: [] }) => one.findings.length)).toEqual([1, 0, 0]);
      expect(report.comparisons[0].findings).toEqual([
        {
          kind: 'COLUMN',
          object: 'patients.contact_number',
          property: 'comment',
          left: '',
          right: "a '<b>|'",
          breaking: false,
          statements: [
            'alter table `patients` modify column `contact_number` varchar(20) character set utf8mb4 collate utf8mb4_0900_ai_ci null',
          ],
          losesData: false,
        },
      ]);
      const out = join(folder, 'drift.xml');
      const breaking = await tandem(
        ['drift', '--fail-on', 'breaking', '--format', 'junit', '--out', out],
        settings,
      );
      expect(breaking).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await readFile(out, 'utf8')).toContain("a '&lt;b&gt;|");
    } finally {
      await run('GCP', [patients('modify contact_number varchar(20) null')]);
      await rm(folder, { recursive: true });
    }
  });

  describe('of a part', () => {
    const compared = async (args: readonly string[], more: Record<string, string> = {}) => {
      const { code, stdout, stderr } = await tandem(['drift', '--json', ...args], { ...settings, ...more });
      if (stdout === '') return { code, stderr };
      const { comparisons } = JSON.parse(stdout) as { comparisons: Comparison[] };
      return {
        code,
        found: comparisons.map(({ left, right, findings, notManaged }) =>
          [
            `${left} ${right}`,
            ...findings.map(({ object }) => object),
            ...notManaged.map((table) => `(${table})`),
          ].join(' '),
        ),
      };
    };
    const planted = 'Migration20991231000000_later';

    beforeAll(() =>
      run('GCP', [
        'create table other_things (id int primary key)',
        'alter table patients drop column contact_number',
        `insert into mikro_orm_migrations (name) values ('${planted}')`,
      ]),
    );

    afterAll(() =>
      run('GCP', [
        'drop table other_things',
        'alter table patients add column contact_number varchar(20) null',
        `delete from mikro_orm_migrations where name = '${planted}'`,
      ]),
    );

    const number = 'patients.contact_number';

    it.each<[args: string, code: number, found: string[]]>([
      ['--only azure-gcp', 2, [`AZURE GCP other_things ${number}`]],
      ['--only entities', 2, ['ENTITIES AZURE', `ENTITIES GCP ${number} (other_things)`]],
      ['--only histories', 2, [`AZURE GCP ${planted}`, 'ENTITIES AZURE', `ENTITIES GCP ${planted}`]],
      ['--only entities --source azure', 0, ['ENTITIES AZURE']],
      [
        '--only azure-gcp,entities --only histories --fail-on breaking',
        2,
        [
          `AZURE GCP ${planted} other_things ${number}`,
          'ENTITIES AZURE',
          `ENTITIES GCP ${planted} ${number} (other_things)`,
        ],
      ],
      ['--tables doctors', 0, ['AZURE GCP', 'ENTITIES AZURE', 'ENTITIES GCP']],
      ['--tables doctors,PAT*', 2, [`AZURE GCP ${number}`, 'ENTITIES AZURE', `ENTITIES GCP ${number}`]],
      ['--tables *thing* --only azure-gcp', 2, ['AZURE GCP other_things']],
      ['--tables *thing* --only entities', 0, ['ENTITIES AZURE', 'ENTITIES GCP (other_things)']],
    ])('%s', async (args, code, found) => {
      expect(await compared(args.split(' '))).toEqual({ code, found });
    });

    it('leaves out the tables that the settings ignore, for the API, too', async () => {
      const ignored = { DRIFT_IGNORE_TABLES: 'other_*, Patients' };
      expect(await compared(['--only', 'azure-gcp,entities'], ignored)).toEqual({
        code: 0,
        found: ['AZURE GCP', 'ENTITIES AZURE', 'ENTITIES GCP'],
      });
      await using server = await startServer({
        ...databases.config,
        databases: {
          ...databases.config.databases,
          GCP: { ...databases.config.databases.GCP, ignoredTables: ['patients'] },
        },
      });
      const { data } = await server.ask('{ drift { gcp { findings { object } notManaged } } }');
      expect(data).toEqual({
        drift: { gcp: { findings: [{ object: planted }], notManaged: ['other_things'] } },
      });
    });

    it('refuses a name that no table has, and two clouds where one is named', async () => {
      expect(await compared(['--tables', 'patient,doctors'])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^No table or view is called patient\. Those there are: [^\n]+\n$/),
      });
      expect(await compared(['--only', 'azure-gcp', '--source', 'gcp'])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/azure-gcp compares two sources/),
      });
      expect(await compared(['--only', 'tables'])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/azure-gcp, entities, histories/),
      });
    });
  });

  it('tries its plan in the scratch database of the settings, and leaves that empty', async () => {
    await using scratch = await createDatabases({ migrated: false });
    const name = scratch.config.databases.GCP.name;
    const verifications = async (more: Record<string, string>) => {
      const { stdout } = await tandem(['drift', '--json'], { ...settings, ...more });
      return JSON.parse(stdout).comparisons.map(
        ({ plan }: { plan: { verification: unknown } }) => plan.verification,
      );
    };
    const not = { state: 'NOT_VERIFIED', detail: null };
    await run('GCP', [patients('add column added int not null')]);
    try {
      expect(await verifications({})).toEqual([not, not, not]);
      expect(await verifications({ GCP_DB_SCRATCH_NAME: name })).toEqual([
        { state: 'VERIFIED', detail: null },
        not,
        { state: 'VERIFIED', detail: null },
      ]);
      const left = await orms.GCP.em.execute(
        `select table_name from information_schema.tables where table_schema = '${name}'`,
      );
      expect(left).toEqual([]);
      await run('GCP', [`create table ${name}.mine (id int primary key)`]);
      const filled = { state: 'NOT_VERIFIED', detail: 'the scratch database is not empty' };
      expect(await verifications({ GCP_DB_SCRATCH_NAME: name })).toEqual([filled, not, filled]);
    } finally {
      await run('GCP', [patients('drop column added')]);
    }
  });

  it('has a deadline of its own, not that of the API: a catalogue may take longer than a request', async () => {
    await using proxy = await startProxy(databases.config.databases.GCP.port);
    proxy.delayMs = 100;
    const slow = {
      ...settings,
      GCP_DB_PORT: String(proxy.port),
      STATEMENT_TIMEOUT_MS: '100',
      TRANSACTION_TIMEOUT_MS: '100',
    };
    for (const command of [['drift'], ['erd', '--source', 'gcp']]) {
      const { code, stderr } = await tandem(command, slow);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    }
  });

  it('exits with 3 where a cloud is out of reach, and still compares the other with the entities', async () => {
    const { code, stdout } = await tandem(['drift', '--json'], { ...settings, GCP_DB_PORT: '1' });
    expect(code).toBe(exitCodes.drift.UNREACHABLE);
    expect(JSON.parse(stdout)).toMatchObject({
      comparisons: [{ left: 'ENTITIES', right: 'AZURE', findings: [] }],
      unreachable: [{ source: 'GCP', code: 'SOURCE_UNAVAILABLE' }],
    });
  });
});

describe('the query drift', () => {
  const query =
    '{ drift { sources { findings { object } notVisible } azure { findings { object } } gcp { findings { object } } } }';

  it('compares with what the server’s account sees, and says what it does not', async () => {
    await using server = await startServer(databases.config);
    const { data, errors } = await server.ask(query);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      drift: {
        sources: { findings: [], notVisible: ['VIEW', 'TRIGGER', 'ROUTINE', 'EVENT'] },
        azure: { findings: [] },
        gcp: { findings: [] },
      },
    });
  });

  it('leaves null what needs a source that is down, with a coded error each, and answers the rest', async () => {
    const { AZURE, GCP } = databases.config.databases;
    await using server = await startServer({
      ...databases.config,
      databases: { AZURE, GCP: { ...GCP, port: 1 } },
    });
    const { data, errors } = await server.ask(query);
    expect(data).toEqual({ drift: { sources: null, azure: { findings: [] }, gcp: null } });
    const said = errors?.map(({ path, extensions }) => [path.join('.'), extensions.code, extensions.source]);
    // In whatever order they came.
    expect(said?.toSorted()).toEqual([
      ['drift.gcp', 'SOURCE_UNAVAILABLE', 'GCP'],
      ['drift.sources', 'SOURCE_UNAVAILABLE', 'GCP'],
    ]);
  });
});
