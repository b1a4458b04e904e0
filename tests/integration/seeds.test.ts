import { afterAll, beforeAll, expect, it } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSources, type Sources } from '../../src/sources/registry.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';

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
