import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mikroOrm } from '../helpers/cli.ts';
import { createDatabases, environmentOf } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';

const batches = 30;
const rowsABatch = 1000;

it('lets go of the rows of each batch of a backfill, under the official CLI too', async () => {
  await using databases = await createDatabases({ migrated: false });
  const settings = environmentOf(databases.config);
  const database = databases.config.databases.AZURE;
  const upTo = (to: string) => mikroOrm(['migration:up', '--contextName', 'azure', '--to', to], settings);
  expect(await upTo('Migration20261127195119_add_doctors')).toMatchObject({ code: 0 });
  const connection = await connect(database, database.migrator);
  try {
    await connection.query(
      "insert into patients (id, first_name, last_name, date_of_birth, gender) values (1, 'A', 'B', '2000-01-01', 'OTHER')",
    );
    for (let batch = 0; batch < batches; batch++) {
      await connection.query(
        `insert into medical_records (id, patient_id, diagnosis, admission_date)
         with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${rowsABatch})
         select ${batch * 10_000} + n, 1, 'Migraine', '2020-01-01' from numbers`,
      );
    }
    let done = false;
    const backfill = upTo('Migration20261127195124_backfill_record_doctors').finally(() => {
      done = true;
    });
    const seen = new Set<number>();
    while (!done) {
      const [[row]] = (await connection.query(
        'select count(doctor_id) as named from medical_records',
      )) as unknown as [[{ named: number }]];
      seen.add(row.named);
      await sleep(1);
    }
    expect(await backfill).toMatchObject({ code: 0 });
    // In one transaction, another session would see none of them and then all.
    const between = [...seen].filter((named) => named > 0 && named < batches * rowsABatch);
    expect(between.length).toBeGreaterThan(0);
    expect(between.filter((named) => named % rowsABatch !== 0)).toEqual([]);
  } finally {
    await connection.end();
  }
});
