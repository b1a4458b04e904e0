import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessRules, claim, permissionOf, type TablePermission } from '../../src/access/permission.ts';
import { fieldsOf } from '../../src/column-types/entity-fields.ts';
import type { Doctor } from '../../src/entities/doctor.ts';
import { entities } from '../../src/entities/index.ts';
import { MedicalRecord } from '../../src/entities/medical-record.ts';
import { Patient } from '../../src/entities/patient.ts';
import { tableOf } from '../../src/entities/table.ts';
import { schemaOfRole } from '../../src/graphql/role-schema.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { seed as seedSource } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { randomOperation } from '../helpers/random-operations.ts';
import { seed } from '../helpers/seed.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

/** Random reads of each role; TANDEM_LONG=1 asks 5000. */
const count = process.env.TANDEM_LONG === '1' ? 5000 : 80;

const ownRecords = { doctor: { licenceNumber: { eq: claim('licence') } } };
const rules: AccessRules = {
  roles: {
    doctor: { description: 'A test.', cost: 100_000 },
    analyst: { description: 'A test.' },
    registrar: { description: 'A test.' },
  },
  tables: {
    Patient: {
      doctor: { read: { rows: { records: { some: ownRecords } } } },
      analyst: { read: { columns: ['dateOfBirth', 'gender'] } },
      registrar: { read: true, create: true, update: { columns: ['contactNumber', 'lastName'] } },
    } satisfies Record<string, TablePermission<Patient>>,
    Doctor: {
      doctor: { read: true },
      analyst: { read: { columns: ['specialty'] } },
    } satisfies Record<string, TablePermission<Doctor>>,
    MedicalRecord: {
      doctor: { read: { rows: ownRecords } },
      analyst: { read: { columns: ['patient', 'doctor', 'diagnosis', 'admissionDate'] } },
    } satisfies Record<string, TablePermission<MedicalRecord>>,
  },
};
const roles = Object.keys(rules.roles);

const opened: AsyncDisposable[] = [];
let licence: string;

/** A server on its own pair of databases, all with the same rows. */
async function start(): Promise<{ databases: TestDatabases; plain: TestServer }> {
  const databases = await createDatabases();
  const plain = await startServer(databases.config);
  opened.unshift(plain, databases);
  await Promise.all(sourceNames.map((name) => seedSource(plain.sources[name], 40)));
  return { databases, plain };
}

async function guard({ databases }: { databases: TestDatabases }): Promise<TestServer> {
  const auth = await authFor({
    administrator: { roles: ['administrator'] },
    ...Object.fromEntries(roles.map((role) => [role, { roles: [role], claims: { licence } }])),
  });
  const server = await startServer({ ...databases.config, auth }, { rules });
  opened.unshift(server);
  return server;
}

let first: Awaited<ReturnType<typeof start>>;
let server: TestServer;

beforeAll(async () => {
  first = await start();
  const { data } = await first.plain.ask('{ doctors(source: AZURE, first: 1) { nodes { licenceNumber } } }');
  licence = data.doctors.nodes[0].licenceNumber;
  server = await guard(first);
}, 180_000);
afterAll(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]();
});

/** Where a column can stand, each with an operation that has it there. */
const positions: Readonly<Record<string, (many: string, one: string, field: string) => string>> = {
  select: (many, _one, field) => `{ ${many}(source: AZURE, first: 1) { nodes { ${field} } } }`,
  edge: (many, _one, field) => `{ ${many}(source: AZURE, first: 1) { edges { node { ${field} } } } }`,
  'one row': (_many, one, field) => `{ ${one}(source: AZURE, key: 1) { ${field} } }`,
  node: (_many, one, field) =>
    `{ node(id: "QVpVUkU6UGF0aWVudDox") { ... on ${one.charAt(0).toUpperCase()}${one.slice(1)} { ${field} } } }`,
  filter: (many, _one, field) =>
    `{ ${many}(source: AZURE, where: { ${field}: { isNull: false } }) { totalCount } }`,
  'negated filter': (many, _one, field) =>
    `{ ${many}(source: AZURE, where: { not: { or: [{ ${field}: { isNull: true } }] } }) { totalCount } }`,
  order: (many, _one, field) => `{ ${many}(source: AZURE, orderBy: [{ ${field}: DESC }]) { totalCount } }`,
  'order of edges': (many, _one, field) =>
    `{ ${many}(source: AZURE, orderBy: [{ ${field}: ASC }], first: 1) { pageInfo { endCursor } } }`,
  group: (many, _one, field) => `{ ${many}Aggregate(source: AZURE, groupBy: [${field}]) { count } }`,
  'value of a group': (many, _one, field) => `{ ${many}Aggregate(source: AZURE) { group { ${field} } } }`,
  least: (many, _one, field) => `{ ${many}Aggregate(source: AZURE) { min { ${field} } } }`,
  greatest: (many, _one, field) => `{ ${many}Aggregate(source: AZURE) { max { ${field} } } }`,
  'filter of an aggregate': (many, _one, field) =>
    `{ ${many}Aggregate(source: AZURE, where: { ${field}: { isNull: false } }) { count } }`,
};

describe.each(roles)('the role %s', (role) => {
  const columns = entities.flatMap((entity) =>
    fieldsOf(entity)
      .filter(({ kind }) => kind !== 'many' && kind !== 'one')
      .map((field) => ({ entity, field: field.name })),
  );

  it.each(Object.entries(positions))('has its columns and no others: %s', async (_position, make) => {
    for (const { entity, field } of columns) {
      const table = tableOf(entity);
      const query = make(table?.many ?? '', table?.one ?? '', field);
      const { errors = [] } = await askAs(server, role, query);
      const codes = errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
      const read = permissionOf(rules, role, entity.name, 'read');
      const isGranted =
        read !== undefined && (field === 'key' || (read.columns?.includes(field as never) ?? true));
      expect(codes, query).toEqual(isGranted ? [] : codes.map(() => 'GRAPHQL_VALIDATION_FAILED'));
      if (!isGranted) expect(codes.length, query).toBeGreaterThan(0);
    }
  });

  it('reaches columns of other tables through relations as far as it may', async () => {
    for (const { entity, field } of columns.filter((one) => one.entity !== MedicalRecord)) {
      const relation = entity === Patient ? 'patient' : 'doctor';
      const may = (name: string, column: string) => {
        const read = permissionOf(rules, role, name, 'read');
        return read !== undefined && (column === 'key' || (read.columns?.includes(column as never) ?? true));
      };
      const isGranted = may('MedicalRecord', relation) && may(entity.name, field);
      for (const query of [
        `{ medicalRecords(source: AZURE) { nodes { ${relation} { ${field} } } } }`,
        `{ medicalRecords(source: AZURE, where: { ${relation}: { ${field}: { isNull: false } } }) { totalCount } }`,
      ]) {
        expect((await askAs(server, role, query)).errors === undefined, query).toBe(isGranted);
      }
    }
  });

  it('answers the same whatever it may not see', async () => {
    const second = await start();
    for (const name of sourceNames) {
      await second.plain.sources[name].write(async (em) => {
        for (const sql of hiddenFrom[role] ?? []) await em.execute(sql, sql.includes('?') ? [licence] : []);
      });
    }
    const other = await guard(second);
    const schema = schemaOfRole(await createSchema(), role, rules, entities);
    const { data } = await askAs(
      server,
      'administrator',
      '{ patients(source: AZURE, first: 1000) { nodes { id } } medicalRecords(source: GCP, first: 1000) { nodes { id } } doctors(source: AZURE) { nodes { id } } }',
    );
    const ids = [...data.patients.nodes, ...data.medicalRecords.nodes, ...data.doctors.nodes].map(
      ({ id }) => id,
    );
    let answers = 0;
    for (let at = 0; at < count; at += 1) {
      const { query, variables, isMutation } = randomOperation(schema, seed + at, { ids, cursors: [] });
      if (isMutation) continue;
      const [one, two] = await Promise.all([
        askAs(server, role, query, variables),
        askAs(other, role, query, variables),
      ]);
      expect(textOf(two), `seed ${seed + at}: ${query} ${JSON.stringify(variables)}`).toBe(textOf(one));
      if (one.data !== undefined) answers += 1;
    }
    expect(answers).toBeGreaterThan(count / 4);
  }, 600_000);
});

const others = '(select id from doctors where licence_number = ?)';
/** Changes that a role must not be able to see; a question mark stands for the doctor's licence. */
const hiddenFrom: Readonly<Record<string, readonly string[]>> = {
  doctor: [
    `update patients set last_name = 'Zz', first_name = 'Yy', gender = 'OTHER', date_of_birth = '1901-01-01', contact_number = null
      where id not in (select patient_id from medical_records where doctor_id = ${others})`,
    `update medical_records set diagnosis = 'Hidden', treatment = null, admission_date = '1901-01-01', discharge_date = null
      where doctor_id is null or doctor_id <> ${others}`,
    `insert into medical_records (patient_id, diagnosis, admission_date) select id, 'Hidden too', '2030-01-01' from patients`,
    `delete from medical_records where diagnosis = 'Hidden' and id % 3 = 0`,
  ],
  analyst: [
    `update patients set last_name = concat('Z', id), first_name = concat('Y', 100 - id), contact_number = null`,
    `update doctors set last_name = concat('Z', id), first_name = 'Y', licence_number = concat('H', id)`,
    `update medical_records set treatment = concat('T', id), discharge_date = null`,
  ],
  registrar: [
    `update medical_records set diagnosis = 'Hidden', treatment = null, discharge_date = null, admission_date = '1901-01-01'`,
    `update doctors set last_name = 'Z', specialty = null`,
    `delete from medical_records where id % 3 = 0`,
  ],
};

function textOf({ status, data, errors }: Awaited<ReturnType<typeof askAs>>): string {
  return JSON.stringify({ status, data, errors });
}
