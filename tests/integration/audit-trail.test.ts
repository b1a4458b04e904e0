import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { installTrail } from '../../src/audit/install.ts';
import { ownTables } from '../../src/information-schema/own-tables.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { type AuditedDatabases, createAuditedDatabases } from '../helpers/audit-trail.ts';
import { connect } from '../helpers/driver.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

let databases: AuditedDatabases;
let server: TestServer;

beforeAll(async () => {
  databases = await createAuditedDatabases();
  const { audit: _, ...withoutTrail } = databases.config;
  const plain = await startServer(withoutTrail);
  await Promise.all(sourceNames.map((name) => seed(plain.sources[name], 5)));
  await plain[Symbol.asyncDispose]();
  const auth = await authFor({ admin: { roles: ['administrator'] }, doctor: { roles: ['doctor'] } });
  server = await startServer({ ...databases.config, auth });
}, 180_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  for (const source of sourceNames) await databases.sql(source, 'delete from TRAIL_write');
});

interface TrailRow {
  readonly id: number;
  readonly request_id: string;
  readonly subject: string | null;
  readonly role: string;
  readonly source: string;
  readonly operation: string;
  readonly table_name: string;
  readonly row_count: number;
  readonly row_keys: string;
  readonly column_names: string;
}
const trail = async (source: 'AZURE' | 'GCP' = 'AZURE') =>
  (await databases.sql<TrailRow>(source, 'select * from TRAIL_write order by id')).map((row) => ({
    ...row,
    keys: JSON.parse(row.row_keys) as unknown[],
    columns: JSON.parse(row.column_names) as string[],
  }));
const ask = (query: string) => askAs(server, 'admin', query);
const newPatient = (more = '') =>
  `input: { firstName: "Ada", lastName: "Hidden-Name", dateOfBirth: "1990-01-01", gender: FEMALE${more} }`;

describe('a write', () => {
  it('is one row: when, who, role, request, source, table, keys and columns, and no values', async () => {
    const { data } = await ask(
      `mutation { createPatient(source: AZURE, ${newPatient()}) { patient { key } } }`,
    );
    const [row, ...more] = await trail();
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      subject: 'admin',
      role: 'administrator',
      source: 'AZURE',
      operation: 'create',
      table_name: 'patients',
      row_count: 1,
      keys: [data.createPatient.patient.key],
    });
    expect(row?.columns.toSorted()).toEqual(['date_of_birth', 'first_name', 'gender', 'last_name']);
    expect(server.log.join('')).toContain(row?.request_id);
    expect(JSON.stringify(row)).not.toMatch(/Ada|Hidden-Name|1990-01-01/);
    expect(await trail('GCP')).toEqual([]);
  });

  it('of several tables is a row a statement, each with the keys of its rows', async () => {
    const { data, errors } = await ask(
      `mutation { createPatients(source: GCP, inputs: [
         { firstName: "A", lastName: "B", dateOfBirth: "1990-01-01", gender: MALE, records: [{ diagnosis: "x", admissionDate: "2024-01-01" }] }
         { firstName: "C", lastName: "D", dateOfBirth: "1990-01-01", gender: MALE, records: [{ diagnosis: "y", admissionDate: "2024-01-01" }, { diagnosis: "z", admissionDate: "2024-01-02", treatment: "t" }] }
       ]) { patients { key records { nodes { key } } } } }`,
    );
    expect(errors).toBeUndefined();
    const patients = data.createPatients.patients as { key: number; records: { nodes: { key: number }[] } }[];
    expect(await trail('GCP')).toMatchObject([
      { operation: 'create', table_name: 'patients', row_count: 2, keys: patients.map(({ key }) => key) },
      {
        operation: 'create',
        table_name: 'medical_records',
        row_count: 3,
        keys: patients.flatMap(({ records }) => records.nodes.map(({ key }) => key)),
      },
    ]);
    expect((await trail('GCP'))[1]?.columns).toEqual(expect.arrayContaining(['patient_id', 'treatment']));
  });

  it('has the columns of a change, and none of a deletion', async () => {
    await ask(
      'mutation { updatePatient(source: AZURE, key: 1, input: { lastName: "New", contactNumber: null }) { patient { key } } }',
    );
    const { data } = await ask(
      `mutation { createPatient(source: AZURE, ${newPatient()}) { patient { key } } }`,
    );
    const { key } = data.createPatient.patient;
    await ask(`mutation { deletePatient(source: AZURE, key: ${key}) { key } }`);
    const [update, , deletion] = await trail();
    expect(update).toMatchObject({ operation: 'update', keys: [1] });
    expect(update?.columns.toSorted()).toEqual(['contact_number', 'last_name']);
    expect(deletion).toMatchObject({ operation: 'delete', keys: [key], columns: [], row_count: 1 });
  });

  it('that is refused has no row, whatever refuses it', async () => {
    const refused = [
      'mutation { updatePatient(source: AZURE, key: 999999, input: { lastName: "x" }) { patient { key } } }',
      'mutation { updatePatient(source: AZURE, key: 1, input: { lastName: "x" }, expected: { lastName: "other" }) { patient { key } } }',
      'mutation { addMedicalRecord(source: AZURE, input: { patientKey: 999999, diagnosis: "x", admissionDate: "2024-01-01" }) { medicalRecord { key } } }',
      'mutation { deletePatient(source: AZURE, key: 1) { key } }',
    ];
    for (const query of refused) expect((await ask(query)).errors, query).toHaveLength(1);
    expect(await trail()).toEqual([]);
  });

  it('names the role and the caller of a role, and none of its writes that are refused', async () => {
    await askAs(server, 'doctor', 'mutation { deletePatient(source: AZURE, key: 1) { key } }');
    expect(await trail()).toEqual([]);
  });

  it('costs one statement more, in the same transaction', async () => {
    const statements = await statementsOf(server.sources.AZURE, () =>
      ask(
        'mutation { updatePatient(source: AZURE, key: 1, input: { lastName: "N" }) { patient { lastName } } }',
      ),
    );
    // The foreign keys are asked for at most every two seconds.
    const own = statements.filter((sql) => !sql.includes('information_schema'));
    expect(statements.length - own.length).toBeLessThanOrEqual(1);
    expect(own.map((sql) => sql.split(' ', 2).join(' ').toLowerCase())).toEqual([
      'begin',
      'update `patients`',
      expect.stringMatching(/^select /),
      'insert into',
      'commit',
    ]);
  });

  it('past the writers is rolled back', async () => {
    await expect(
      server.sources.AZURE.write((em) => em.execute("update patients set last_name = 'Past' where id = 1")),
    ).rejects.toThrow(/keeps an audit trail/);
    const { data } = await ask('{ patient(source: AZURE, key: 1) { lastName } }');
    expect(data.patient.lastName).not.toBe('Past');
  });

  it('fails where its row cannot be added', async () => {
    await databases.sql('GCP', 'rename table TRAIL_write to TRAIL_moved');
    try {
      const { data, errors } = await ask(
        `mutation { createPatient(source: GCP, ${newPatient()}) { patient { key } } }`,
      );
      expect(data.createPatient).toBeNull();
      expect(errors?.[0].extensions).toMatchObject({
        code: 'AUDIT_UNAVAILABLE',
        source: 'GCP',
        retryable: true,
      });
      expect(JSON.stringify(errors)).not.toMatch(/tandem_audit/);
      const { data: left } = await ask(
        '{ patients(source: GCP, where: { lastName: { eq: "Hidden-Name" } }) { totalCount } }',
      );
      expect(left.patients.totalCount).toBe(0);
    } finally {
      await databases.sql('GCP', 'rename table TRAIL_moved to TRAIL_write');
    }
  });
});

describe('the trail', () => {
  it.each(['select * from', 'update', 'delete from'])(
    'lets the account of the server do no more than add: %s',
    async (verb) => {
      const { config } = databases;
      const connection = await connect(config.databases.AZURE);
      const table = `\`${config.audit.database}\`.tandem_audit_write`;
      const sql = verb === 'update' ? `update ${table} set role = 'x'` : `${verb} ${table}`;
      await expect(connection.query(sql)).rejects.toMatchObject({ errno: 1142 });
      await connection.end();
    },
  );

  it('is installed twice as well as once, and says what the account of the server may do too much', async () => {
    const { config } = databases;
    // The server's account of a local pair may add to all tables of such databases.
    const whole = `INSERT on \`tandem\\_audit%\`.*`;
    expect(await installTrail('AZURE', config, config.audit.database)).toMatchObject({
      source: 'AZURE',
      statements: [],
      beyond: [`tandem: ${whole}`],
      revokes: [
        expect.stringMatching(/^revoke insert on .*tandem/),
        expect.stringMatching(/^grant insert on/),
      ],
    });
    const azure = config.databases.AZURE;
    const careless = {
      ...config,
      databases: { ...config.databases, AZURE: { ...azure, runtime: azure.migrator } },
    };
    expect((await installTrail('AZURE', careless, config.audit.database)).beyond.join()).toContain('DROP');
  });

  it('is for an administrator to install where the account may not', async () => {
    const { statements } = await installTrail('AZURE', databases.config, 'elsewhere');
    expect(statements.join(';\n')).toMatch(
      /create database if not exists `elsewhere`[\s\S]*grant insert on `elsewhere`.`tandem_audit_write` to `tandem`@`%`/,
    );
  });

  it('is known to comparisons and drawings as Tandem’s own', () => {
    expect(ownTables).toEqual(expect.arrayContaining(['tandem_audit_write', 'tandem_audit_seal']));
  });
});
