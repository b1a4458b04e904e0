import { reportLocal } from '../src/commands/report-local.ts';
import { describeSeed } from '../src/commands/seed.ts';
import { type Config, loadConfig } from '../src/config/config.ts';
import { ensureLocal, type LocalPair } from '../src/local/local-pair.ts';
import { migrateUp } from '../src/migrator/up.ts';
import { seed } from '../src/seeders/seed.ts';
import { type SourceName, sourceNames } from '../src/source-name.ts';
import { openSource, type Source } from '../src/sources/source.ts';
import { grouped } from '../src/util/terminal-text.ts';
import { progressLine, terminal } from './terminal.ts';
import { createdLastName, spareLastName, spareRows } from './workloads.ts';

/** Two seeded databases of our own. */
export interface Databases extends AsyncDisposable {
  /** The settings that reach them. */
  readonly env: Readonly<Record<string, string>>;
  readonly config: Config;
  readonly servers: NonNullable<LocalPair['servers']>;
  readonly patients: number;
  readonly lastNames: readonly string[];
  /** Deletes the patients that workloads have created. */
  forget(): Promise<void>;
}

/** Brings up two local MySQL servers, kept apart from those of the demo, and fills them. */
export async function openDatabases(home: string, patients: number): Promise<Databases> {
  // Not the databases that settings may name: they are somebody's, and far away.
  const ours = Object.entries(process.env).filter(([name]) => !/^(AZURE|GCP)_DB_/.test(name));
  const pair = await ensureLocal({ home, env: Object.fromEntries(ours), report: reportLocal(terminal) });
  try {
    if (!pair.owned) throw new Error(`another run is using the databases in ${home}`);
    const config = loadConfig(pair.env, home);
    const lastNames = await Promise.all(sourceNames.map((name) => fill(name, config, patients)));
    // What an interrupted run may have left behind.
    await forget(config, patients);
    return {
      env: pair.env,
      config,
      servers: pair.servers as NonNullable<LocalPair['servers']>,
      patients,
      lastNames: lastNames[0] as string[],
      forget: () => forget(config, patients),
      [Symbol.asyncDispose]: pair.stop,
    };
  } catch (error) {
    await pair.stop();
    throw error;
  }
}

/** Migrates and seeds one database; the last names that are in it. */
async function fill(name: SourceName, config: Config, patients: number): Promise<string[]> {
  const database = config.databases[name];
  await migrateUp(name, database, config.pool);
  await using source = await openSource(name, database, config.pool);
  const line = progressLine(name.toLowerCase());
  const result = await seed(source, patients, (done) =>
    line.update(`${grouped(done)} of ${grouped(patients)} patients`),
  );
  line.done(describeSeed(result));
  await addSpareRows(source, patients);
  return await source.read(async (em) => {
    await em.execute('analyze table patients, medical_records');
    const rows = await em.execute<{ name: string }[]>(
      'select distinct last_name as name from patients where id <= ? order by last_name',
      [patients],
    );
    return rows.map((row) => row.name);
  });
}

async function addSpareRows(source: Source, patients: number): Promise<void> {
  const rows = Array.from(
    { length: spareRows },
    (_, at) => `(${patients + 1 + at}, 'Spare', '${spareLastName}', '1970-01-01', 'OTHER')`,
  );
  await source.write((em) =>
    em.execute(
      `insert ignore into patients (id, first_name, last_name, date_of_birth, gender) values ${rows.join()}`,
    ),
  );
}

async function forget(config: Config, patients: number): Promise<void> {
  const { AZURE } = config.databases;
  // The other account: a contestant may hold all sessions that the first one is granted.
  await using source = await openSource('AZURE', { ...AZURE, runtime: AZURE.migrator }, config.pool);
  // W10 can have created a million rows: together they would take longer than a statement may.
  for (;;) {
    const { affectedRows } = await source.write((em) =>
      em.execute<{ affectedRows: number }>(
        'delete from patients where id > ? and last_name = ? order by id limit 10000',
        [patients, createdLastName],
        'run',
      ),
    );
    if (affectedRows < 10_000) return;
  }
}
