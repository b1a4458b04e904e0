import { loadConfig } from '../../src/config/config.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { openSource, type Source } from '../../src/sources/source.ts';
import { grouped } from '../../src/util/terminal-text.ts';
import type { Statement } from '../server-process.ts';
import type { Stage } from '../stage.ts';
import { progressLine } from '../terminal.ts';

/** A database of its own on the AZURE server, with that many patients. */
export interface DeepDatabase extends AsyncDisposable {
  readonly patients: number;
  /** The settings that reach it. */
  readonly env: Readonly<Record<string, string>>;
  explain(statement: Statement): Promise<PlanStep[]>;
}

/** A row of EXPLAIN: https://dev.mysql.com/doc/refman/8.4/en/explain-output.html */
export interface PlanStep {
  readonly table: string;
  readonly type: string;
  readonly key: string | null;
  readonly rows: number;
  readonly extra: string | null;
}

/** Opens it; the first time it is made, from copies of the patients that are there, and kept. */
export async function openDeepDatabase(
  { databases, options, signal }: Stage,
  patients: number,
): Promise<DeepDatabase> {
  const from = databases.config.databases.AZURE;
  // The accounts have their rights on databases called so.
  const name = `tandem_test_bench_${patients}`;
  const env = { ...databases.env, AZURE_DB_NAME: name };
  const { databases: configured, pool } = loadConfig(env, options.home);
  const migrator = { ...configured.AZURE, runtime: from.migrator };

  await using server = await openSource('AZURE', { ...from, runtime: from.migrator }, pool);
  await server.read((em) => em.execute(`create database if not exists ${name}`));
  await migrateUp('AZURE', configured.AZURE, pool);
  const source = await openSource('AZURE', migrator, pool);
  try {
    await source.read(async (em) => {
      const line = progressLine('azure');
      const [{ there }] = await em.execute<[{ there: number }]>('select count(*) as there from patients');
      for (let offset = there; offset < patients; offset += databases.patients) {
        signal.throwIfAborted();
        for (const statement of copies(from.name, offset, databases.patients)) await em.execute(statement);
        line.update(`${grouped(offset + databases.patients)} of ${grouped(patients)} patients`);
      }
      await em.execute('analyze table patients, medical_records');
      line.done(`${grouped(patients)} patients in ${name}`);
    });
  } catch (error) {
    await source.close();
    throw error;
  }
  return {
    patients,
    env,
    explain: (statement) => explain(source, statement),
    [Symbol.asyncDispose]: () => source.close(),
  };
}

/** The patients of another database with their records once more, their keys moved by `offset`. */
function copies(database: string, offset: number, patients: number): string[] {
  const of = (table: string, key: string) => `from ${database}.${table} where ${key} <= ${patients}`;
  const records = 'diagnosis, treatment, admission_date, discharge_date';
  const columns = 'first_name, last_name, date_of_birth, gender, contact_number';
  return [
    `insert into patients (id, ${columns}) select id + ${offset}, ${columns} ${of('patients', 'id')}`,
    `insert into medical_records (patient_id, ${records})
     select patient_id + ${offset}, ${records} ${of('medical_records', 'patient_id')} order by id`,
  ];
}

async function explain(source: Source, { sql, values }: Statement): Promise<PlanStep[]> {
  // A prepared LIMIT may be bound as text, which MySQL refuses in a statement that is text itself.
  const bound = values.map((value) => (/^\d+$/.test(String(value)) ? Number(value) : value));
  const rows = await source.read((em) =>
    em.execute<Record<string, unknown>[]>(`explain format=traditional ${sql}`, bound),
  );
  return rows.map(
    ({ table, type, key, rows, Extra }) => ({ table, type, key, rows, extra: Extra }) as PlanStep,
  );
}
