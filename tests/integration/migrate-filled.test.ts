import { expect, it } from 'vitest';
import { migrate } from '../../src/migrator/run.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, pool } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';

/** TANDEM_PATIENTS=100000 measures what a large table takes. */
const patients = Number(process.env.TANDEM_PATIENTS ?? 2000);

it('changes filled tables on both clouds up, down and up, and every row is as it was', async () => {
  await using databases = await createDatabases();
  await using folder = await migrationFolder({
    M1_wards: {
      up: [
        'create table wards (id int not null auto_increment primary key, name varchar(50) not null)',
        "insert into wards (name) values ('North'), ('South')",
        'alter table medical_records add column ward_id int null',
        'update medical_records set ward_id = 1 + id % 2',
        'alter table medical_records add constraint medical_records_ward_id_foreign foreign key (ward_id) references wards (id)',
      ],
      down: [
        'alter table medical_records drop foreign key medical_records_ward_id_foreign',
        'alter table medical_records drop column ward_id',
        'drop table wards',
      ],
    },
  });
  const connections = await Promise.all(
    sourceNames.map(async (source) => {
      const database = databases.config.databases[source];
      await using opened = await openSource(source, database, pool);
      await seed(opened, patients);
      const connection = await connect(database, database.migrator);
      await connection.query('drop table mikro_orm_migrations, tandem_migration_journal');
      return connection;
    }),
  );
  const sums = () =>
    Promise.all(
      connections.map(async (connection) => {
        const [[row]] = (await connection.query(
          `select (select bit_xor(crc32(concat_ws('|', id, first_name, last_name, date_of_birth, gender, contact_number))) from patients) as p,
            (select bit_xor(crc32(concat_ws('|', id, patient_id, diagnosis, treatment, admission_date, discharge_date))) from medical_records) as r,
            (select count(*) from medical_records) as n`,
        )) as unknown as [[{ p: number; r: number; n: number }]];
        return row;
      }),
    );
  const targets = sourceNames.map((source) => ({
    source,
    database: databases.config.databases[source],
    pool,
    folder: folder.path,
  }));
  const before = await sums();
  expect(before[0]?.n).toBeGreaterThan(patients);
  for (const direction of ['up', 'down', 'up'] as const) {
    const results = await migrate(targets, { direction, lockTimeout: 5, allowDestructive: true });
    expect(results).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await sums()).toEqual(before);
    const took = results.map(({ source, ms }) => `${source} ${(ms / 1000).toFixed(2)} s`).join(', ');
    if (process.env.TANDEM_PATIENTS) process.stderr.write(`${direction} ${before[0]?.n} records: ${took}\n`);
  }
  const [[unplaced]] = (await (connections[0] as (typeof connections)[0]).query(
    'select count(*) as n from medical_records where ward_id is null',
  )) as unknown as [[{ n: number }]];
  expect(unplaced.n).toBe(0);
  for (const connection of connections) await connection.end();
}, 600_000);
