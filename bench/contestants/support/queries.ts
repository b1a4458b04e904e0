import type { Pool } from 'mysql2';
import type { Source } from './pools.ts';

export interface PatientRow {
  readonly key: number;
  readonly source: Source;
}
export interface RecordRow {
  readonly patient: number;
}

const patientColumns = `id as \`key\`, first_name as firstName, last_name as lastName,
  date_of_birth as dateOfBirth, gender, contact_number as contactNumber`;
const recordColumns = `patient_id as patient, diagnosis, treatment, admission_date as admissionDate,
  discharge_date as dischargeDate`;

/**
 * What a careful hand writes below a GraphQL server: one statement a level, and all columns of a row, since a
 * resolver does not know which were asked for.
 *
 * @param prepared whether statements are prepared (`execute`) or sent as text (`query`)
 */
export function patientQueries(pool: Pool, source: Source, { prepared = true } = {}) {
  const run = <T>(sql: string, values: unknown[]) =>
    new Promise<T>((resolve, reject) => {
      const done = (error: Error | null, rows: unknown) => (error ? reject(error) : resolve(rows as T));
      if (prepared) pool.execute(sql, values as string[], done);
      else pool.query(sql, values, done);
    });
  const patients = async (rest: string, values: unknown[]) => {
    const rows = await run<{ key: number; source: Source }[]>(
      `select ${patientColumns} from patients ${rest}`,
      values,
    );
    for (const row of rows) row.source = source;
    return rows as PatientRow[];
  };

  return {
    page: (first: number, after: number) =>
      patients(`where id > ? order by id limit ${Number(first)}`, [after]),

    one: async (key: number) => (await patients('where id = ?', [key]))[0] ?? null,

    async named(prefix: string, first: number) {
      const like = [`${prefix}%`];
      const [nodes, [counted]] = await Promise.all([
        patients(`where last_name like ? order by date_of_birth, id limit ${Number(first)}`, like),
        run<{ count: number }[]>('select count(*) as count from patients where last_name like ?', like),
      ]);
      return { totalCount: counted?.count, nodes };
    },

    async byGender(after: number) {
      const rows = await run<{ gender: string; count: number; oldest: string }[]>(
        `select gender, count(*) as count, min(date_of_birth) as oldest from patients where id > ? group by gender`,
        [after],
      );
      return rows.map(({ gender, count, oldest }) => ({
        group: { gender },
        count,
        min: { dateOfBirth: oldest },
      }));
    },

    async update(key: number, { contactNumber }: Record<string, string>) {
      await run('update patients set contact_number = ? where id = ?', [contactNumber ?? null, key]);
      return key;
    },

    async createMany(inputs: readonly Record<string, string>[]) {
      const values = inputs.flatMap(({ firstName, lastName, dateOfBirth, gender, contactNumber }) => [
        firstName,
        lastName,
        dateOfBirth,
        gender,
        contactNumber ?? null,
      ]);
      const { insertId } = await run<{ insertId: number }>(
        `insert into patients (first_name, last_name, date_of_birth, gender, contact_number)
         values ${inputs.map(() => '(?, ?, ?, ?, ?)').join()}`,
        values,
      );
      return patients('where id >= ? and id < ? order by id', [insertId, insertId + inputs.length]);
    },

    /** The last records with a treatment, by their patient's key. */
    async treatedOf(keys: readonly number[], first: number): Promise<Map<number, RecordRow[]>> {
      const rows = await run<RecordRow[]>(
        `select ${recordColumns} from (select *, row_number() over (
           partition by patient_id order by admission_date desc, id desc) as place
         from medical_records where treatment is not null and patient_id in (${keys.map(() => '?')})) as r
         where place <= ${Number(first)} order by patient_id, place`,
        [...keys],
      );
      const lists = new Map<number, RecordRow[]>(keys.map((key) => [key, []]));
      for (const row of rows) lists.get(row.patient)?.push(row);
      return lists;
    },

    /** Records by their patient's key. */
    async recordsOf(keys: readonly number[]): Promise<Map<number, RecordRow[]>> {
      const rows = await run<RecordRow[]>(
        `select ${recordColumns} from medical_records where patient_id in (${keys.map(() => '?')})
         order by patient_id, admission_date, id`,
        [...keys],
      );
      const lists = new Map<number, RecordRow[]>(keys.map((key) => [key, []]));
      for (const row of rows) lists.get(row.patient)?.push(row);
      return lists;
    },

    async create({ firstName, lastName, dateOfBirth, gender, contactNumber }: Record<string, string>) {
      const { insertId } = await run<{ insertId: number }>(
        `insert into patients (first_name, last_name, date_of_birth, gender, contact_number)
         values (?, ?, ?, ?, ?)`,
        [firstName, lastName, dateOfBirth, gender, contactNumber ?? null],
      );
      return insertId;
    },
  };
}
