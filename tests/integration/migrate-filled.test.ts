import { expect, it } from 'vitest';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, pool } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';

/** TANDEM_PATIENTS=100000 measures what a large table takes. */
const patients = Number(process.env.TANDEM_PATIENTS ?? 4000);

const initial = 'Migration20261122232347_initial';

it('takes doctors away from filled tables and brings them back, on both clouds, and every row is as it was', async () => {
  await using databases = await createDatabases();
  const connections = await Promise.all(
    sourceNames.map(async (source) => {
      const database = databases.config.databases[source];
      await using opened = await openSource(source, database, pool);
      await seed(opened, patients);
      return connect(database, database.migrator);
    }),
  );
  async function ask<R>(sql: string): Promise<R[]> {
    const answers = await Promise.all(connections.map((connection) => connection.query(sql)));
    return answers.map(([rows]) => (rows as unknown as R[])[0] as R);
  }
  const sums = () =>
    ask<{ n: number }>(
      `select (select bit_xor(crc32(concat_ws('|', id, first_name, last_name, date_of_birth, gender, contact_number))) from patients) as p,
        (select bit_xor(crc32(concat_ws('|', id, patient_id, diagnosis, treatment, admission_date, discharge_date))) from medical_records) as r,
        (select count(*) from medical_records) as n`,
    );
  const targets = sourceNames.map((source) => ({
    source,
    database: databases.config.databases[source],
    pool,
  }));
  const before = await sums();
  expect(before[0]?.n).toBeGreaterThan(patients);

  for (const [direction, to] of [
    ['down', initial],
    ['up', undefined],
    ['down', initial],
    ['up', undefined],
  ] as const) {
    const results = await migrate(targets, {
      direction,
      to,
      lockTimeout: 5,
      allowDestructive: true,
      checked: true,
    });
    expect(results).toMatchObject([
      { ok: true, problem: null },
      { ok: true, problem: null },
    ]);
    expect(results[0]?.steps).toHaveLength(3);
    expect(await sums()).toEqual(before);
    const took = results.map(({ source, ms }) => `${source} ${(ms / 1000).toFixed(2)} s`).join(', ');
    if (process.env.TANDEM_PATIENTS) process.stderr.write(`${direction} ${before[0]?.n} records: ${took}\n`);
    if (direction === 'down') continue;
    const [azure, gcp] = await ask<{ unnamed: number; named: string }>(
      `select (select count(*) from medical_records where doctor_id is null) as unnamed,
        (select group_concat(licence_number) from doctors) as named`,
    );
    expect(azure).toEqual({ unnamed: 0, named: 'UNKNOWN' });
    expect(gcp).toEqual(azure);
  }
  for (const connection of connections) await connection.end();
}, 600_000);

it('says after the last migration which tables and keys are not those of the entities', async () => {
  await using databases = await createDatabases();
  const database = databases.config.databases.GCP;
  const connection = await connect(database, database.migrator);
  const again = async () => {
    const targets = [{ source: 'GCP', database, pool } as const];
    return (await migrate(targets, { direction: 'up', lockTimeout: 5, checked: true }))[0];
  };
  expect(await again()).toMatchObject({ ok: true });
  // More than the entities ask for breaks nothing; less does.
  await connection.query('alter table patients add column nickname varchar(20)');
  expect(await again()).toMatchObject({ ok: true });
  await connection.query('alter table medical_records drop foreign key medical_records_doctor_id_foreign');
  expect((await again())?.problem).toMatchObject({
    kind: 'NOT_VERIFIED',
    cause: expect.stringContaining('medical_records.medical_records_doctor_id_foreign (existence)'),
    remedy: expect.stringContaining('tandem drift --source gcp'),
  });
  await connection.end();
});
