import type { RowDataPacket } from 'mysql2/promise';
import { expect, it } from 'vitest';
import { createDatabases, environmentOf } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { mikroOrm } from '../helpers/run-command-line.ts';

const batches = 4;
const rowsABatch = 50;
/** The migration's own. */
const idsABatch = 10_000;

it('lets go of the rows of each batch of a backfill, under the official CLI too', async () => {
  await using databases = await createDatabases({ migrated: false });
  const settings = environmentOf(databases.config);
  const database = databases.config.databases.AZURE;
  const upTo = (to: string) => mikroOrm(['migration:up', '--contextName', 'azure', '--to', to], settings);
  expect(await upTo('Migration20261127195119_add_doctors')).toMatchObject({ code: 0 });
  const [connection, holder] = await Promise.all([
    connect(database, database.migrator),
    connect(database, database.migrator),
  ]);
  try {
    await connection.query(
      "insert into patients (id, first_name, last_name, date_of_birth, gender) values (1, 'A', 'B', '2000-01-01', 'OTHER')",
    );
    for (let batch = 0; batch < batches; batch++) {
      await connection.query(
        `insert into medical_records (id, patient_id, diagnosis, admission_date)
         with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${rowsABatch})
         select ${batch * idsABatch} + n, 1, 'Migraine', '2020-01-01' from numbers`,
      );
    }
    const named = async () => {
      const [[row]] = await connection.query<RowDataPacket[]>(
        'select count(doctor_id) as named from medical_records',
      );
      return row?.named;
    };
    // It waits in the last batch. In one transaction, another session would see no row of those before, and wait for theirs.
    const last = (batches - 1) * idsABatch + 1;
    await holder.query('start transaction');
    await holder.query(`select id from medical_records where id = ${last} for update`);
    const backfill = upTo('Migration20261127195124_backfill_record_doctors');
    await expect.poll(named, { timeout: 60_000 }).toBe((batches - 1) * rowsABatch);
    await connection.query('set session innodb_lock_wait_timeout = 1');
    await connection.query("update medical_records set diagnosis = 'Asthma' where id <= ?", [rowsABatch]);
    await holder.query('commit');
    expect(await backfill).toMatchObject({ code: 0 });
    expect(await named()).toBe(batches * rowsABatch);
  } finally {
    connection.destroy();
    holder.destroy();
  }
});
