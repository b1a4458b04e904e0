import type { SqlEntityManager } from '@mikro-orm/mysql';
import { Doctor } from '../entities/doctor.ts';
import { MedicalRecord } from '../entities/medical-record.ts';
import { Patient } from '../entities/patient.ts';
import type { Source } from '../sources/source.ts';
import {
  doctorOf,
  doctorsFor,
  inventDoctor,
  inventPatient,
  type SeedDoctor,
  type SeedPatient,
  type SeedRecord,
} from './people.ts';

/** What seeding did to one source. */
export interface SeedResult {
  readonly doctors: number;
  readonly patients: number;
  readonly records: number;
  /** Doctors and patients passed over because a row of somebody else's has their key. */
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
  readonly doctor: number | null;
};

const patientsPerBatch = 1000;

/**
 * Writes the first `count` invented patients with their doctors and records to one source, parents first. Idempotent:
 * rows that are there already stay as they are, and nothing is ever changed or deleted.
 *
 * @param report is told how many patients are done, after each batch
 */
export async function seed(
  source: Source,
  count: number,
  report: (done: number) => void = () => {},
): Promise<SeedResult> {
  const result = { doctors: 0, patients: 0, records: 0, leftAlone: 0 };
  /** Doctors of somebody else's: no record names them. */
  const strangers = new Set<number>();
  let done = 0;
  for (const batch of batches(count)) {
    const written = await source.write((em) => writeBatch(em, batch, strangers));
    result.doctors += written.doctors;
    result.patients += written.patients;
    result.records += written.records;
    result.leftAlone += written.leftAlone;
    done += batch.patients.length;
    report(done);
  }
  return result;
}

/** Patients, the doctors whom they bring along, and their records, numbered alike whatever the count. */
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
        records.push({ ...record, key, patient: n, doctor: doctorOf(n, key) });
      }
    }
    yield { doctors, patients, records };
  }
}

async function writeBatch(
  em: SqlEntityManager,
  { doctors, patients, records }: Batch,
  strangers: Set<number>,
): Promise<SeedResult> {
  const people = await writePeople(em, Patient, patients, ['firstName', 'lastName', 'dateOfBirth']);
  const treating = await writePeople(em, Doctor, doctors, ['firstName', 'lastName', 'licenceNumber']);
  for (const key of treating.strangers) strangers.add(key);
  const there = await em
    .createQueryBuilder(MedicalRecord)
    .select('key')
    .where({ key: { $in: records.map(({ key }) => key) } })
    .execute('all');
  const keys = new Set(there.map(({ key }) => key));
  const missing = records.filter(({ key, patient }) => !keys.has(key) && !people.strangers.has(patient));
  const rows = missing.map((record) => ({
    ...record,
    doctor: record.doctor !== null && strangers.has(record.doctor) ? null : record.doctor,
  }));
  if (rows.length > 0) await em.insertMany(MedicalRecord, rows);
  return {
    doctors: treating.written,
    patients: people.written,
    records: rows.length,
    leftAlone: people.strangers.size + treating.strangers.size,
  };
}

/** Writes those that are not there. Under the keys of `strangers` there is somebody else, by the fields that tell. */
async function writePeople<P extends SeedPatient | SeedDoctor>(
  em: SqlEntityManager,
  entity: typeof Patient | typeof Doctor,
  people: readonly P[],
  telling: readonly (keyof P & string)[],
): Promise<{ readonly written: number; readonly strangers: ReadonlySet<number> }> {
  if (people.length === 0) return { written: 0, strangers: new Set() };
  const there: (P & { key: number })[] = await em
    .createQueryBuilder(entity as typeof Patient)
    .select(['key', ...telling] as 'key'[])
    .where({ key: { $in: people.map(({ key }) => key) } })
    .execute('all');
  const byKey = new Map(there.map((row) => [row.key, row]));
  const missing = people.filter(({ key }) => !byKey.has(key));
  // MikroORM's insertMany adds the new keys to the objects that it is given.
  if (missing.length > 0)
    await em.insertMany<object>(
      entity,
      missing.map((person) => ({ ...person })),
    );
  const strangers = people.filter((person) => {
    const row = byKey.get(person.key);
    return row !== undefined && telling.some((field) => row[field] !== person[field]);
  });
  return { written: missing.length, strangers: new Set(strangers.map(({ key }) => key)) };
}
