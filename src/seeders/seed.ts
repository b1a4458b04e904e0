import type { SqlEntityManager } from '@mikro-orm/mysql';
import { Doctor } from '../entities/doctor.ts';
import { MedicalRecord } from '../entities/medical-record.ts';
import { Patient } from '../entities/patient.ts';
import { unmanagedTables } from '../migrator/unmanaged-tables.ts';
import type { Source } from '../sources/source.ts';
import { quoteName } from '../sql/quote.ts';
import {
  doctorOf,
  doctorsFor,
  inventDoctor,
  inventPatient,
  licenceOf,
  type SeedDoctor,
  type SeedPatient,
  type SeedRecord,
} from './people.ts';

/** The result of seeding one source. */
export interface SeedResult {
  readonly doctors: number;
  readonly patients: number;
  readonly records: number;
  /** Patients passed over because another person's row has their key. */
  readonly leftAlone: number;
}

interface Batch {
  readonly doctors: readonly SeedDoctor[];
  readonly patients: readonly SeedPatient[];
  readonly records: readonly SeededRecord[];
}

type SeededRecord = SeedRecord & {
  readonly key: number;
  readonly patient: number;
  readonly licenceNumber: string;
};

const patientsPerBatch = 1000;

/**
 * Tables and rows of a database that neither Tandem nor this seeder made: its tables, or else the tables of ours that have
 * other rows. Only --into lets seed write invented patients beside them.
 */
export async function rowsOfOthersIn(source: Source): Promise<string[]> {
  const others = await source.read((em) => unmanagedTables(source.orm, (sql) => em.execute(sql)));
  if (others.length > 0) return others;
  return [
    ...((await hasOtherPatients(source)) ? ['patients that the seeder did not make'] : []),
    ...((await hasOtherDoctors(source)) ? ['doctors that the seeder did not make'] : []),
  ];
}

async function hasOtherPatients(source: Source): Promise<boolean> {
  const telling = ['key', 'firstName', 'lastName', 'dateOfBirth'] as const;
  for (let last = 0; ; ) {
    const rows = await source.read((em) =>
      em
        .createQueryBuilder(Patient)
        .select(telling)
        .where({ key: { $gt: last } })
        .orderBy({ key: 'asc' })
        .limit(patientsPerBatch)
        .execute('all'),
    );
    const other = rows.some((row) => {
      const { patient } = inventPatient(row.key);
      return telling.some((field) => row[field] !== patient[field]);
    });
    if (other) return true;
    if (rows.length < patientsPerBatch) return false;
    last = rows.at(-1)?.key ?? last;
  }
}

/** The migration's placeholder does not count. */
async function hasOtherDoctors(source: Source): Promise<boolean> {
  const rows = await source.read((em) =>
    em.createQueryBuilder(Doctor).select('licenceNumber').execute('all'),
  );
  const invented = (licence: string) => licenceOf(Number(licence.replace(/^\D*/, ''))) === licence;
  return rows.some(({ licenceNumber }) => licenceNumber !== 'UNKNOWN' && !invented(licenceNumber));
}

/**
 * Writes the first `count` invented patients with their doctors and records to one source, parents first. Idempotent:
 * rows that are there already stay as they are, and nothing is ever changed or deleted.
 *
 * @param report gets the number of finished patients after each batch
 */
export async function seed(
  source: Source,
  count: number,
  report: (done: number) => void = () => {},
): Promise<SeedResult> {
  const result = { doctors: 0, patients: 0, records: 0, leftAlone: 0 };
  /** Keys by licence number: the database numbers doctors, and a migrated one has had one of its own before. */
  const doctorKeys = new Map<string, number>();
  let done = 0;
  for (const batch of batches(count)) {
    const written = await source.write((em) => writeBatch(em, batch, doctorKeys));
    result.doctors += written.doctors;
    result.patients += written.patients;
    result.records += written.records;
    result.leftAlone += written.leftAlone;
    done += batch.patients.length;
    report(done);
  }
  if (result.patients + result.doctors + result.records > 0) await source.read(analyze);
  return result;
}

/**
 * Lets the server count the keys of what was empty: it plans by statistics, which its own thread takes anew seconds later.
 * https://dev.mysql.com/doc/refman/8.4/en/innodb-persistent-stats.html
 */
async function analyze(em: SqlEntityManager): Promise<void> {
  const tables = [Doctor, Patient, MedicalRecord].map(
    ({ name }) => em.getMetadata().getByClassName(name).tableName,
  );
  await em.execute(`analyze table ${tables.map(quoteName).join(', ')}`);
}

/** Patients, the doctors whom they bring along, and their records: the same ones whatever the count. */
function* batches(count: number): Generator<Batch> {
  let recordKey = 0;
  let doctor = 0;
  for (let start = 1; start <= count; start += patientsPerBatch) {
    const doctors: SeedDoctor[] = [];
    const patients: SeedPatient[] = [];
    const records: SeededRecord[] = [];
    for (let n = start; n < start + patientsPerBatch && n <= count; n++) {
      while (doctor < doctorsFor(n)) doctors.push(inventDoctor(++doctor));
      const invented = inventPatient(n);
      patients.push(invented.patient);
      for (const record of invented.records) {
        const key = ++recordKey;
        records.push({ ...record, key, patient: n, licenceNumber: licenceOf(doctorOf(n, key)) });
      }
    }
    yield { doctors, patients, records };
  }
}

async function writeBatch(
  em: SqlEntityManager,
  { doctors, patients, records }: Batch,
  doctorKeys: Map<string, number>,
): Promise<SeedResult> {
  const people = await writePatients(em, patients);
  const treating = await writeDoctors(em, doctors, doctorKeys);
  const there = await em
    .createQueryBuilder(MedicalRecord)
    .select('key')
    .where({ key: { $in: records.map(({ key }) => key) } })
    .execute('all');
  const keys = new Set(there.map(({ key }) => key));
  const rows = records
    .filter(({ key, patient }) => !keys.has(key) && !people.strangers.has(patient))
    .map(({ licenceNumber, ...record }) => ({ ...record, doctor: doctorKeys.get(licenceNumber) as number }));
  if (rows.length > 0) await em.insertMany(MedicalRecord, rows);
  return {
    doctors: treating,
    patients: people.written,
    records: rows.length,
    leftAlone: people.strangers.size,
  };
}

/** Writes those that are not there. The rows with the keys of `strangers` are other people's, by name and birth. */
async function writePatients(
  em: SqlEntityManager,
  patients: readonly SeedPatient[],
): Promise<{ readonly written: number; readonly strangers: ReadonlySet<number> }> {
  const telling = ['firstName', 'lastName', 'dateOfBirth'] as const;
  const there = await em
    .createQueryBuilder(Patient)
    .select(['key', ...telling])
    .where({ key: { $in: patients.map(({ key }) => key) } })
    .execute('all');
  const byKey = new Map(there.map((row) => [row.key, row]));
  const missing = patients.filter(({ key }) => !byKey.has(key));
  if (missing.length > 0) await insert(em, Patient, missing);
  const strangers = patients.filter((patient) => {
    const row = byKey.get(patient.key);
    return row !== undefined && telling.some((field) => row[field] !== patient[field]);
  });
  return { written: missing.length, strangers: new Set(strangers.map(({ key }) => key)) };
}

/**
 * Writes those whose licence number is not there, and adds the keys of all to `keys`.
 *
 * @returns how many were written
 */
async function writeDoctors(
  em: SqlEntityManager,
  doctors: readonly SeedDoctor[],
  keys: Map<string, number>,
): Promise<number> {
  if (doctors.length === 0) return 0;
  const find = () =>
    em
      .createQueryBuilder(Doctor)
      .select(['key', 'licenceNumber'])
      .where({ licenceNumber: { $in: doctors.map(({ licenceNumber }) => licenceNumber) } })
      .execute('all');
  const there = new Set((await find()).map(({ licenceNumber }) => licenceNumber));
  const missing = doctors.filter(({ licenceNumber }) => !there.has(licenceNumber));
  if (missing.length > 0) await insert(em, Doctor, missing);
  for (const { key, licenceNumber } of await find()) keys.set(licenceNumber, key);
  return missing.length;
}

/** MikroORM's insertMany adds the new keys to the objects that it is given. */
function insert(em: SqlEntityManager, entity: typeof Patient | typeof Doctor, rows: readonly object[]) {
  return em.insertMany<object>(
    entity,
    rows.map((row) => ({ ...row })),
  );
}
