import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { checkDatabase } from '../../src/resolvers/table/check-database.ts';
import { databaseFaults } from '../../src/resolvers/table/database-faults.ts';
import type { SourceName } from '../../src/source-name.ts';
import { openSources, type Sources } from '../../src/sources/sources.ts';
import { start } from '../../src/start.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { entityMetadata } from '../helpers/metadata.ts';
import { post } from '../helpers/server.ts';
import { listen } from '../helpers/tcp-listener.ts';

// A database that lacks what the entities have is found out at the start, and not by the first request that needs it.

let databases: TestDatabases;
let sources: Sources;
beforeAll(async () => {
  databases = await createDatabases();
  sources = await openSources(databases.config);
});
afterAll(async () => {
  await sources?.close();
  await databases?.[Symbol.asyncDispose]();
});

const run = (source: SourceName, ...statements: readonly string[]) =>
  asMigrator(databases.config.databases[source], statements);

function recorder() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

async function faultsOf(source: SourceName): Promise<unknown> {
  const { log, lines } = recorder();
  await checkDatabase(sources[source], log);
  expect(lines.length).toBeLessThan(2);
  return lines[0]?.faults ?? [];
}

describe('a database at the start', () => {
  it('has no faults where it is as the entities say, or has more than they need', async () => {
    expect(await faultsOf('AZURE')).toEqual([]);
    await run(
      'AZURE',
      'alter table patients modify last_name varchar(500) not null, modify contact_number text, add column ward int not null default 1, add column note int',
      'alter table doctors modify first_name varchar(500) not null, add column at int as (char_length(first_name)) not null',
      'create table others (id int primary key)',
    );
    expect(await faultsOf('AZURE')).toEqual([]);
  });

  it('has each fault that a request would meet, by entity and property', async () => {
    await run(
      'GCP',
      'alter table medical_records drop foreign key medical_records_doctor_id_foreign, drop foreign key medical_records_patient_id_foreign',
      'alter table medical_records modify doctor_id bigint, modify patient_id varchar(20) not null, modify treatment varchar(200) not null',
      'alter table patients drop column contact_number, modify date_of_birth datetime not null, modify last_name varchar(50), add column ward int not null',
      "alter table patients modify gender enum('FEMALE', 'MALE', 'OTHER', 'NEW', 'UNKNOWN') not null, modify first_name int not null",
      'drop table doctors',
    );
    expect(await faultsOf('GCP')).toEqual([
      'Patient.firstName is varchar in the entity, and int in the database',
      'Patient.lastName cannot be null in the entity, and can in the database',
      'Patient.dateOfBirth is date in the entity, and datetime in the database',
      'Patient.gender lacks the item NEW, which its column has',
      'Patient.contactNumber has the column contact_number, which patients lacks',
      'Patient lacks the column ward of patients, which has no default, so that no row can be created',
      'MedicalRecord.patient is int in the entity, and varchar(20) in the database',
      'MedicalRecord.treatment can be null in the entity, and not in the database',
      'MedicalRecord.doctor is int in the entity, and bigint in the database',
      'Doctor has the table doctors, which is not there, or hidden from the account',
    ]);
    await run('GCP', "alter table patients modify gender enum('FEMALE', 'MALE', 'UNKNOWN') not null");
    expect(await faultsOf('GCP')).toContain('Patient.gender has the item OTHER, which its column lacks');
  });

  it('is told in the log of a server that starts all the same, with the source and the next step', async () => {
    await using hung = await listen(() => {});
    const { AZURE, GCP } = databases.config.databases;
    const { log, lines } = recorder();
    const running = await start(
      {
        ...databases.config,
        databases: { AZURE: { ...AZURE, host: '127.0.0.1', port: hung.port }, GCP },
      },
      log,
    );
    try {
      await expect
        .poll(() => lines.filter(({ msg }) => msg === 'the database does not fit the entities'), {
          timeout: 20_000,
        })
        .toEqual([
          expect.objectContaining({
            level: 40,
            source: 'GCP',
            faults: expect.arrayContaining([
              'Patient.contactNumber has the column contact_number, which patients lacks',
            ]),
            next: expect.stringContaining('tandem drift --source gcp --only entities'),
          }),
        ]);
      const { data } = await post(running.url, '{ patients(source: GCP) { nodes { key } } }');
      expect(data).toEqual({ patients: { nodes: [] } });
    } finally {
      await running.stop();
    }
  });
});

it('names of tables are equal as the server takes them for equal', async () => {
  const metadata = await entityMetadata();
  const tables = [...metadata.getAll().values()].filter(({ className }) => className === 'Doctor');
  const faults = (foldsNames: number) =>
    databaseFaults(
      tables,
      ['id', 'first_name', 'last_name', 'specialty', 'licence_number'].map((name) => ({
        tableName: 'Doctors',
        name: name.toUpperCase(),
        type: name === 'id' ? 'int' : 'varchar(50)',
        isNullable: Number(name === 'specialty'),
        isSupplied: 0,
        isView: 0,
        foldsNames,
      })),
    ).map(({ entity, cause }) => `${entity} ${cause}`);
  expect(faults(1)).toEqual([]);
  expect(faults(0)).toEqual([
    'Doctor has the table doctors, which is not there: the server takes Doctors for another name',
  ]);
});
