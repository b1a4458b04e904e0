import type { Config } from '../../src/config/config.ts';
import { connect } from './driver.ts';

/**
 * Puts rows into AZURE that its tables can hold and the schema does not have: an enum's unknown items, dates of zeros and of days
 * that there are not, null where there is none, numbers that are too large, records of nobody. The first row of each table
 * and its last are as they should be.
 */
export async function putOddRows(config: Config): Promise<void> {
  const { AZURE } = config.databases;
  const connection = await connect(AZURE, AZURE.migrator);
  try {
    for (const sql of statements) await connection.query(sql);
  } finally {
    connection.destroy();
  }
}

const patient = (id: number, values: string) => `insert ignore into patients values (${id}, ${values})`;
const record = (id: number, values: string) => `insert ignore into medical_records values (${id}, ${values})`;

const statements = [
  "set session sql_mode = 'ALLOW_INVALID_DATES', foreign_key_checks = 0",
  'alter table medical_records drop foreign key medical_records_patient_id_foreign',
  "alter table patients modify gender enum('FEMALE','MALE','OTHER','UNKNOWN','NEW') not null",
  'alter table patients modify first_name varchar(50) null, modify id bigint not null auto_increment',
  'alter table medical_records modify diagnosis varchar(100) null',
  'alter table medical_records modify patient_id bigint not null, drop check medical_records_discharge_date_check',
  patient(1, "'Good', 'First', '1990-02-28', 'FEMALE', null"),
  patient(2, "'Odd', 'Empty', '1990-02-28', '', '555'"),
  patient(3, "'Odd', 'Added', '1990-02-28', 'NEW', null"),
  patient(4, "'Odd', 'Zeros', '0000-00-00', 'MALE', null"),
  patient(5, "'Odd', 'Zero month', '2024-00-10', 'MALE', null"),
  patient(6, "'Odd', 'No day', '2023-02-31', 'OTHER', null"),
  patient(7, "null, 'Nameless', '1990-02-28', 'OTHER', null"),
  patient(8, "'Odd', 'All', '0000-00-00', '', null"),
  patient(9, "'Good', 'Last', '2000-02-29', 'UNKNOWN', '777'"),
  patient(3_000_000_000, "'Odd', 'Large', '1990-02-28', 'MALE', null"),
  "insert into doctors values (1, 'Good', 'Doctor', null, 'A1'), (2, 'Good', 'Other', 'Eyes', 'A2')",
  record(1, "1, 'Fine', null, '2020-01-01', null, 1"),
  record(2, "1, 'Zeros', 'x', '0000-00-00', null, 1"),
  record(3, "2, 'Of an odd patient', null, '2020-01-01', '2020-00-00', 2"),
  record(4, "4, 'Of another', null, '2020-01-01', '2020-01-05', null"),
  record(5, "999, 'Of nobody', null, '2020-01-01', null, 1"),
  record(6, "1, 'By nobody', null, '2020-01-01', null, 999"),
  record(7, "9, null, null, '2020-01-01', null, 2"),
  record(8, "9, 'Last', null, '2020-02-29', '2020-03-01', 2"),
];
