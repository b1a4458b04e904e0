import { afterAll, beforeAll, expect, it } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { openSources, type Sources } from '../../src/sources/sources.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { tandem } from '../helpers/run-command-line.ts';

let databases: TestDatabases;
let sources: Sources;

beforeAll(async () => {
  databases = await createDatabases();
  sources = await openSources(databases.config);
});
afterAll(async () => {
  await sources?.close();
  await databases?.[Symbol.asyncDispose]();
});

const rowsOf = (name: (typeof sourceNames)[number]) =>
  sources[name].read(async (em) => [
    await em.execute('select * from patients order by id'),
    await em.execute('select * from doctors order by id'),
    await em.execute('select * from medical_records order by id'),
  ]);

it('writes the same rows to both clouds', async () => {
  const results = await Promise.all(sourceNames.map((name) => seed(sources[name], 1500)));
  expect(results[0]).toEqual({ doctors: 27, patients: 1500, records: expect.any(Number), leftAlone: 0 });
  expect(results[0]).toEqual(results[1]);
  expect(await rowsOf('AZURE')).toEqual(await rowsOf('GCP'));
});

it.each(sourceNames)('leaves %s with statistics of the new rows, by which it plans at once', async (name) => {
  await using fresh = await createDatabases();
  await using source = await openSource(name, fresh.config.databases[name], pool);
  await seed(source, 1500);
  const keys = await source.read((em) =>
    em.execute<{ column: string; cardinality: number }[]>(
      `select column_name as \`column\`, cardinality as cardinality from information_schema.statistics
       where table_schema = database() and table_name = 'medical_records' and seq_in_index = 1`,
    ),
  );
  const distinct = Object.fromEntries(keys.map(({ column, cardinality }) => [column, Number(cardinality)]));
  expect(distinct.patient_id).toBeGreaterThan(500);
  expect(distinct.doctor_id).toBeGreaterThan(10);
});

it('adds nothing the second time, and only the missing the third', async () => {
  const before = await rowsOf('AZURE');
  expect(await seed(sources.AZURE, 1500)).toEqual({ doctors: 0, patients: 0, records: 0, leftAlone: 0 });
  await sources.AZURE.write(async (em) => {
    await em.execute('delete from medical_records where patient_id = 7');
    await em.execute('delete from patients where id = 7');
  });
  expect(await seed(sources.AZURE, 1500)).toMatchObject({ patients: 1, leftAlone: 0 });
  expect(await rowsOf('AZURE')).toEqual(before);
});

it('tells how far it is', async () => {
  const done: number[] = [];
  await seed(sources.GCP, 1500, (count) => done.push(count));
  expect(done).toEqual([1000, 1500]);
});

it('leaves rows of somebody else alone, and gives them no records', async () => {
  await sources.GCP.write((em) =>
    em.execute("insert into patients values (1501, 'Own', 'Patient', '1980-01-01', 'OTHER', null)"),
  );
  const result = await seed(sources.GCP, 1502);
  expect(result).toMatchObject({ patients: 1, leftAlone: 1 });
  const [own] = await sources.GCP.read((em) =>
    em.execute<{ first_name: string; records: number }[]>(
      'select first_name, (select count(*) from medical_records where patient_id = 1501) as records from patients where id = 1501',
    ),
  );
  expect(own).toEqual({ first_name: 'Own', records: 0 });
});

it('knows its doctors by their licences: one of somebody else’s has a key before them, and no record', async () => {
  await using filled = await createDatabases();
  await using source = await openSource('GCP', filled.config.databases.GCP, pool);
  // As the backfill leaves a database that was filled before there were doctors.
  await source.write((em) =>
    em.execute("insert into doctors values (1, 'Not', 'Recorded', null, 'UNKNOWN')"),
  );
  expect(await seed(source, 300)).toMatchObject({ doctors: 15, leftAlone: 0 });
  expect(await seed(source, 1500)).toMatchObject({ doctors: 12, leftAlone: 0 });
  const named = await source.read((em) => em.execute<object[]>(namedDoctors));
  expect(named).not.toContainEqual(expect.objectContaining({ licence: null }));
  expect(named).not.toContainEqual(expect.objectContaining({ licence: 'UNKNOWN' }));
  expect(named).toEqual(await sources.AZURE.read((em) => em.execute<object[]>(namedDoctors)));
});

const namedDoctors = `select r.id, d.licence_number as licence from medical_records r
  left join doctors d on d.id = r.doctor_id order by r.id`;

it.each([
  [
    'a patient',
    "insert into patients values (1, 'Own', 'Patient', '1980-01-01', 'OTHER', null)",
    /: patients that the seeder did not make\.\n/,
  ],
  [
    'a doctor',
    "insert into doctors values (1, 'Own', 'Doctor', null, 'AB-1')",
    /: doctors that the seeder did not make\.\n/,
  ],
])('seeds beside %s of somebody else’s only a database that is named', async (_, sql, message) => {
  await using filled = await createDatabases();
  await using source = await openSource('GCP', filled.config.databases.GCP, pool);
  const settings = environmentOf(filled.config);
  const run = (...args: string[]) => tandem(['seed', '--patients', '5', ...args], settings);
  expect((await run()).code).toBe(0);
  expect((await run()).code).toBe(0);
  await source.write(async (em) => {
    await em.execute('delete from medical_records');
    await em.execute('delete from patients');
    await em.execute('delete from doctors');
    await em.execute(sql);
  });
  const count = () => source.read((em) => em.execute('select count(*) as n from patients'));
  const before = await count();
  const refused = await run();
  expect(refused).toMatchObject({ code: 73, stdout: '', stderr: expect.stringMatching(message) });
  expect(refused.stderr).not.toContain('Own');
  expect(await count()).toEqual(before);
  const { name } = filled.config.databases.GCP;
  expect((await run('--into', `${name}x`)).code).toBe(73);
  expect((await run('--into', name)).code).toBe(0);
});

it('seeds beside tables of others only a database that is named', async () => {
  await using filled = await createDatabases();
  const { name, ...GCP } = filled.config.databases.GCP;
  await using migrator = await openSource('GCP', { ...GCP, name, runtime: GCP.migrator }, pool);
  await migrator.write((em) => em.execute('create table invoices (id int primary key)'));
  const run = (...args: string[]) =>
    tandem(['seed', '--patients', '5', ...args], environmentOf(filled.config));
  const { code, stderr } = await run();
  expect({ code, stderr }).toEqual({
    code: 73,
    stderr: `GCP TABLES_OF_OTHERS: The database ${name} holds what is not of Tandem: invoices.\nNext: Name an empty database in the settings; where this one is meant, run \`tandem seed --into ${name}\`.\n`,
  });
  expect((await run('--source', 'azure')).code).toBe(0);
  expect((await run('--into', name)).code).toBe(0);
});
