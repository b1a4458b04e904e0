import type { SqlEntityManager } from '@mikro-orm/mysql';
import { MedicalRecord } from '../entities/medical-record.ts';
import { Patient } from '../entities/patient.ts';
import type { Source } from '../sources/source.ts';
import { inventPatient, type SeedPatient, type SeedRecord } from './people.ts';

/** What seeding did to one source. */
export interface SeedResult {
  readonly patients: number;
  readonly records: number;
  /** Patients passed over because a row of somebody else's has their key. */
  readonly leftAlone: number;
}

interface Batch {
  readonly patients: readonly SeedPatient[];
  readonly records: readonly (SeedRecord & { readonly key: number; readonly patient: number })[];
}

const patientsPerBatch = 1000;

/**
 * Writes the first `count` invented patients with their records to one source, parents first. Idempotent: rows
 * that are there already stay as they are, and nothing is ever changed or deleted.
 *
 * @param report is told how many patients are done, after each batch
 */
export async function seed(
  source: Source,
  count: number,
  report: (done: number) => void = () => {},
): Promise<SeedResult> {
  const result = { patients: 0, records: 0, leftAlone: 0 };
  let done = 0;
  for (const batch of batches(count)) {
    const written = await source.write((em) => writeBatch(em, batch));
    result.patients += written.patients;
    result.records += written.records;
    result.leftAlone += written.leftAlone;
    done += batch.patients.length;
    report(done);
  }
  return result;
}

/** Patients and their records, numbered alike whatever the count. */
function* batches(count: number): Generator<Batch> {
  let recordKey = 0;
  for (let start = 1; start <= count; start += patientsPerBatch) {
    const patients: SeedPatient[] = [];
    const records: Batch['records'][number][] = [];
    for (let n = start; n < start + patientsPerBatch && n <= count; n++) {
      const invented = inventPatient(n);
      patients.push(invented.patient);
      for (const record of invented.records) records.push({ ...record, key: ++recordKey, patient: n });
    }
    yield { patients, records };
  }
}

async function writeBatch(em: SqlEntityManager, { patients, records }: Batch): Promise<SeedResult> {
  const there = await em
    .createQueryBuilder(Patient)
    .select(['key', 'firstName', 'lastName', 'dateOfBirth'])
    .where({ key: { $in: patients.map(({ key }) => key) } })
    .execute('all');
  const byKey = new Map(there.map((row) => [row.key, row]));
  const missing = patients.filter(({ key }) => !byKey.has(key));
  const foreign = new Set(
    patients
      .filter((patient) => {
        const row = byKey.get(patient.key);
        return row !== undefined && !isSame(row, patient);
      })
      .map(({ key }) => key),
  );
  const recordsThere = await em
    .createQueryBuilder(MedicalRecord)
    .select('key')
    .where({ key: { $in: records.map(({ key }) => key) } })
    .execute('all');
  const recordKeys = new Set(recordsThere.map(({ key }) => key));
  const missingRecords = records.filter(({ key, patient }) => !recordKeys.has(key) && !foreign.has(patient));
  if (missing.length > 0) await em.insertMany(Patient, missing.map(mutable));
  if (missingRecords.length > 0) await em.insertMany(MedicalRecord, missingRecords.map(mutable));
  return { patients: missing.length, records: missingRecords.length, leftAlone: foreign.size };
}

function isSame(
  row: Pick<SeedPatient, 'firstName' | 'lastName' | 'dateOfBirth'>,
  patient: SeedPatient,
): boolean {
  const { firstName, lastName, dateOfBirth } = patient;
  return row.firstName === firstName && row.lastName === lastName && row.dateOfBirth === dateOfBirth;
}

/** MikroORM's insertMany adds the new keys to the objects that it is given. */
function mutable<T extends object>(row: T): T {
  return { ...row };
}
