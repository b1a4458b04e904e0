import { parityTables } from '../information-schema/own-tables.ts';
import { quoteName } from '../sql/quote.ts';
import type { ParityClient } from './client.ts';

const [runs, tables] = [quoteName(parityTables.runs), quoteName(parityTables.tables)];

/** Makes the tables of the record where they are not there. The account needs CREATE on the database. */
export async function makeRecordTables(client: Pick<ParityClient, 'run'>): Promise<void> {
  await client.run(
    `create table if not exists ${runs} (
      id char(36) character set ascii not null primary key,
      state varchar(10) not null,
      verdict varchar(10) null,
      options json not null,
      account varchar(288) not null,
      host varchar(255) not null,
      started_at datetime(3) not null,
      seen_at datetime(3) not null,
      ended_at datetime(3) null,
      index ${quoteName(`${parityTables.runs}_started_at`)} (started_at)
    ) character set utf8mb4 engine = InnoDB`,
  );
  await client.run(
    `create table if not exists ${tables} (
      run_id char(36) character set ascii not null,
      table_name varchar(64) character set utf8mb4 collate utf8mb4_bin not null,
      verdict varchar(10) null,
      rows_azure bigint not null,
      rows_gcp bigint not null,
      different bigint not null,
      only_azure bigint not null,
      only_gcp bigint not null,
      hot bigint not null,
      differences json not null,
      notes json not null,
      position json null,
      primary key (run_id, table_name)
    ) character set utf8mb4 engine = InnoDB`,
  );
}
