import {
  type GraphQLArgument,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
  validateSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessRules, claim, permissionOf, type TablePermission } from '../../src/access/permission.ts';
import { declaredProperty } from '../../src/column-types/declared-property.ts';
import { fieldsOf } from '../../src/column-types/entity-fields.ts';
import type { Doctor } from '../../src/entities/doctor.ts';
import { entities } from '../../src/entities/index.ts';
import { MedicalRecord } from '../../src/entities/medical-record.ts';
import { Patient } from '../../src/entities/patient.ts';
import { tableOf } from '../../src/entities/table.ts';
import { compile } from '../../src/graphql/compiled/operation.ts';
import { knownOperationTypes } from '../../src/graphql/known-operation-types.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { seed as seedSource } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { columnPositions } from '../helpers/column-positions.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { besideOthers, evenOutNewKeys, expectSameAnswers } from '../helpers/non-interference.ts';
import { seed } from '../helpers/random-seed.ts';
import { roleSchemas } from '../helpers/role-schemas.ts';
import { placesOf } from '../helpers/schema-places.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

/** Random operations of each role; TANDEM_LONG=1 sends 10,000 reads of all roles together, and more. */
const count = process.env.TANDEM_LONG === '1' ? 3000 : 25;

const ownRecords = { doctor: { licenceNumber: { eq: claim('licence') } } };
const rules: AccessRules = {
  roles: {
    doctor: { description: 'A test.', cost: 100_000 },
    analyst: { description: 'A test.' },
    registrar: { description: 'A test.' },
    ward: { description: 'A test.', cost: 100_000 },
    // Rows that it sees refer to rows that it does not.
    colleague: { description: 'A test.', cost: 100_000 },
  },
  tables: {
    Patient: {
      doctor: { read: { rows: { records: { some: ownRecords } } } },
      analyst: { read: { columns: ['dateOfBirth', 'gender'] } },
      registrar: { read: true, create: true, update: { columns: ['contactNumber', 'lastName'] } },
      ward: { read: { rows: { records: { some: ownRecords } } }, update: { columns: ['contactNumber'] } },
      colleague: { read: { rows: { key: { lte: 25 } } } },
    } satisfies Record<string, TablePermission<Patient>>,
    Doctor: {
      doctor: { read: true },
      analyst: { read: { columns: ['specialty'] } },
      ward: { read: true },
      colleague: { read: { rows: { licenceNumber: { eq: claim('licence') } } } },
    } satisfies Record<string, TablePermission<Doctor>>,
    MedicalRecord: {
      doctor: { read: { rows: ownRecords } },
      analyst: { read: { columns: ['patient', 'doctor', 'diagnosis', 'admissionDate'] } },
      ward: { read: { rows: ownRecords }, create: { check: ownRecords }, update: true, delete: true },
      colleague: { read: true, update: { columns: ['treatment', 'doctor'] } },
    } satisfies Record<string, TablePermission<MedicalRecord>>,
  },
};
const roles = Object.keys(rules.roles);

const opened: AsyncDisposable[] = [];
let licence: string;

/** A pair of databases of its own, all with the same rows. */
async function start(): Promise<TestDatabases> {
  const databases = await createDatabases();
  await Promise.all(
    sourceNames.map(async (name) => {
      const { databases: both, pool } = databases.config;
      await using source = await openSource(name, both[name], pool);
      await seedSource(source, 40);
    }),
  );
  return databases;
}

async function guard(databases: TestDatabases): Promise<TestServer> {
  const auth = await authFor({
    administrator: { roles: ['administrator'] },
    ...Object.fromEntries(roles.map((role) => [role, { roles: [role], claims: { licence } }])),
  });
  return startServer({ ...databases.config, auth, pool: besideOthers }, { rules });
}

let server: TestServer;
/** The schema of the administrator. */
const wholeSchema = createSchema();
const ownSchema = roleSchemas(wholeSchema, rules, entities);

beforeAll(async () => {
  const databases = await start();
  const { AZURE } = databases.config.databases;
  const connection = await connect(AZURE);
  const [[doctor] = []] = (await connection.query(
    'select licence_number from doctors order by id limit 1',
  )) as unknown as [{ licence_number: string }[]];
  await connection.end();
  licence = doctor?.licence_number as string;
  server = await guard(databases);
  opened.push(server, databases);
}, 180_000);
afterAll(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]();
});

describe.each(roles)('the role %s', (role) => {
  const columns = entities.flatMap((entity) =>
    fieldsOf(entity)
      .filter(({ kind }) => kind !== 'many' && kind !== 'one')
      .map((field) => ({ entity, field: field.name })),
  );

  it.each(Object.entries(columnPositions))('has its columns and no others: %s', async (_position, make) => {
    const own = await ownSchema(role);
    const sent = new Set<boolean>();
    let tried = 0;
    for (const { entity, field } of columns) {
      const { many, one } = tableOf(entity) as { many: string; one: string };
      const query = make({ many, one, type: entity.name }, field);
      // A text has no sum.
      if (validate(await wholeSchema, parse(query)).length > 0) continue;
      tried += 1;
      const read = permissionOf(rules, role, entity.name, 'read');
      const isGranted =
        read !== undefined && (field === 'key' || (read.columns?.includes(field as never) ?? true));
      expect(validate(own, parse(query), asServed).length === 0, query).toBe(isGranted);
      // The server validates by that schema: one of each kind is enough to see it.
      if (sent.has(isGranted) && process.env.TANDEM_LONG !== '1') continue;
      sent.add(isGranted);
      const { errors = [] } = await askAs(server, role, query);
      const codes = errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
      expect(codes, query).toEqual(isGranted ? [] : codes.map(() => 'GRAPHQL_VALIDATION_FAILED'));
      if (!isGranted) expect(codes.length, query).toBeGreaterThan(0);
    }
    expect(tried).toBeGreaterThan(2);
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
        `{ medicalRecords(source: AZURE, orderBy: [{ ${relation}: { ${field}: ASC } }], first: 1) { nodes { key } } }`,
        `{ medicalRecordsAggregate(source: AZURE, where: { ${relation}: { ${field}: { isNull: false } } }) { count } }`,
        `{ medicalRecordsCompared(where: { ${relation}: { ${field}: { isNull: false } } }, first: 1) { nodes { key } } }`,
      ]) {
        expect((await askAs(server, role, query)).errors === undefined, query).toBe(isGranted);
      }
    }
  });

  it('answers the same whatever it may not see, reads and writes', async () => {
    await using one = await start();
    await using two = await start();
    for (const name of sourceNames) {
      // Of each cloud others, so that comparisons have something to tell of, too.
      const hidden = [...(hiddenFrom[role] ?? []), ...(name === 'GCP' ? (hiddenInGcp[role] ?? []) : [])];
      await asMigrator(
        two.config.databases[name],
        hidden.map((sql) => sql.replaceAll('?', `'${licence}'`)),
      );
    }
    await evenOutNewKeys([one, two], ['patients', 'medical_records']);
    await using first = await guard(one);
    await using second = await guard(two);
    const schema = await ownSchema(role);
    const { data } = await askAs(
      first,
      'administrator',
      '{ patients(source: AZURE, first: 1000) { nodes { id } } medicalRecords(source: GCP, first: 1000) { nodes { id } } doctors(source: AZURE) { nodes { id } } }',
    );
    const ids = [...data.patients.nodes, ...data.medicalRecords.nodes, ...data.doctors.nodes].map(
      ({ id }) => id,
    );
    const pools = { ids, cursors: [] };
    const answered = await expectSameAnswers([first, second], { role, schema, pools, count });
    expect(answered.read).toBeGreaterThan(answered.reads / 5);
    if (Object.values(rules.tables).some((table) => table[role]?.update)) {
      expect(answered.writes).toBeGreaterThan(0);
    }
  }, 1_800_000);
});

/** What the schema of the administrator has, in every place where a document can have it. */
describe('each name of the schema', async () => {
  const schema = await wholeSchema;
  const places = placesOf(schema);
  const restricted = await Promise.all(roles.map(async (role) => [role, await ownSchema(role)] as const));

  it.each(restricted)('makes a valid schema for the role %s', (_role, own) => {
    expect(validateSchema(own)).toEqual([]);
  });

  it('stands in a document that is tried, but for values that only answers hold', () => {
    const named = new Set(places.map(({ name }) => name));
    const missing = Object.values(schema.getTypeMap())
      .filter(({ name }) => !name.startsWith('__'))
      .flatMap((type) => {
        if (isObjectType(type) || isInputObjectType(type)) {
          const fields = Object.values(type.getFields());
          const args = fields.flatMap((field) =>
            'args' in field
              ? field.args.map((arg: GraphQLArgument) => `${type.name}.${field.name}(${arg.name})`)
              : [],
          );
          return [...fields.map(({ name }) => `${type.name}.${name}`), ...args];
        }
        return isEnumType(type) ? type.getValues().map(({ name }) => `${type.name}.${name}`) : [];
      })
      .filter((name) => !named.has(name));
    const given = givenTypes(schema);
    expect(
      missing.filter(
        (name) =>
          given.has(name.split('.')[0] ?? '') || !isEnumType(schema.getType(name.split('.')[0] ?? '')),
      ),
    ).toEqual([]);
    for (const { document } of places) expect(validate(schema, parse(document)), document).toEqual([]);
  });

  it.each(restricted)(
    'is granted to the role %s or refused, and no error tells of another name',
    (role, own) => {
      const names = new Set([
        ...Object.values(own.getTypeMap()).flatMap((type) => [
          type.name,
          ...(isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : []),
          ...(isEnumType(type) ? type.getValues().map(({ name }) => name) : []),
        ]),
        ...Object.values(own.getTypeMap()).flatMap((type) =>
          isObjectType(type)
            ? Object.values(type.getFields()).flatMap(({ args }) => args.map(({ name }) => name))
            : [],
        ),
      ]);
      let refused = 0;
      for (const { name, document, uses } of places) {
        const errors = validate(own, parse(document), asServed);
        const expected = uses.map(([type, field]) => mayUse(role, type, field));
        if (!expected.includes('either')) {
          expect(errors.length === 0, `${role}: ${name}: ${document}`).toBe(!expected.includes(false));
        }
        if (errors.length > 0) refused += 1;
        // What an error quotes is what the document has, or what the role has.
        for (const { message } of errors) {
          const quoted = Array.from(message.matchAll(/"([^"]+)"/g), ([, text = '']) =>
            text.replace(/[[\]!]/g, ''),
          );
          const unknown = quoted
            .flatMap((text) => text.split('.'))
            .filter((text) => !names.has(text) && !document.includes(text));
          expect(
            unknown.filter((text) => schema.getType(text) === undefined),
            message,
          ).toEqual([]);
          expect(/Did you mean[^?]*/.exec(message)?.[0] ?? '').not.toMatch(hiddenNames(names));
        }
      }
      expect(refused).toBeGreaterThan(places.length / 4);
    },
  );

  it.each(restricted)('is compiled for the role %s where it is for all', (role, own) => {
    const compiled = (of: GraphQLSchema, text: string) => {
      const document = parse(text);
      const operation = document.definitions[0] as OperationDefinitionNode;
      return compile({ schema: of, document, operation, operationName: null }, {}) !== null;
    };
    let tried = 0;
    for (const { document } of places) {
      if (validate(own, parse(document), asServed).length > 0) continue;
      tried += 1;
      expect(compiled(own, document), `${role}: ${document}`).toBe(compiled(schema, document));
    }
    expect(tried).toBeGreaterThan(3);
  });

  it.each(restricted)('is answered to the role %s as its schema has it', async (role, own) => {
    const step = process.env.TANDEM_LONG === '1' ? 1 : 29;
    for (const { name, document } of places.filter((_, at) => at % step === seed % step)) {
      const errors = validate(own, parse(document), asServed);
      if (errors.length === 0 && document.startsWith('mutation')) continue;
      const { errors: answered = [], data } = await askAs(server, role, document);
      const codes = answered.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
      if (errors.length > 0) {
        expect(codes, `${name}: ${document}`).toContain('GRAPHQL_VALIDATION_FAILED');
        expect(data, document).toBeUndefined();
      } else {
        expect(codes, `${name}: ${document}`).not.toContain('GRAPHQL_VALIDATION_FAILED');
        expect(codes, `${name}: ${document}`).not.toContain('INTERNAL_SERVER_ERROR');
      }
    }
  });

  /** Names of columns and relations that the role does not have anywhere. */
  function hiddenNames(names: ReadonlySet<string>): RegExp {
    const hidden = entities
      .flatMap((entity) => fieldsOf(entity).map(({ name }) => name))
      .filter((name) => !names.has(name));
    return hidden.length === 0 ? /^(?!)/ : new RegExp(`"(${[...new Set(hidden)].join('|')})"`);
  }
});

/** What the server validates by, its limits left out. */
const asServed = [...specifiedRules, knownOperationTypes];

/** Types that an argument or a field of an input has. */
function givenTypes(schema: GraphQLSchema): ReadonlySet<string> {
  return new Set(
    Object.values(schema.getTypeMap()).flatMap((type) => {
      const fields = isObjectType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];
      return fields.flatMap((field) => {
        if (!('args' in field)) return [String(getNamedType(field.type))];
        return field.args.map((arg: GraphQLArgument) => String(getNamedType(arg.type)));
      });
    }),
  );
}

type Entity = (typeof entities)[number];
const entityNamed = (name: string) => entities.find((entity) => entity.name === name);
const mayDo = (role: string, entity: Entity, operation: 'read' | 'create' | 'update' | 'delete') =>
  permissionOf(rules, role, entity.name, operation) !== undefined;
const hasColumn = (role: string, entity: Entity, column: string) => {
  const read = permissionOf(rules, role, entity.name, 'read');
  return read !== undefined && (column === 'key' || (read.columns?.includes(column as never) ?? true));
};

/** Whether a role has a field of an entity, as docs/access.md says. */
function hasField(role: string, entity: Entity, name: string): boolean {
  const field = fieldsOf(entity).find((one) => one.name === name);
  if (field === undefined) return mayDo(role, entity, 'read');
  if (field.kind !== 'one' && field.kind !== 'many') return hasColumn(role, entity, name);
  const target = field.type() as Entity;
  if (field.kind === 'one') return hasColumn(role, entity, name) && mayDo(role, target, 'read');
  // The order of the rows would tell what they are ordered by.
  const { mappedBy, orderBy } = declaredProperty(entity, name) ?? {};
  return [String(mappedBy), ...Object.keys(orderBy ?? {})].every((column) => hasColumn(role, target, column));
}

/** Whether a role may use a name; `either` where the rules of writes along relations say more than this. */
function mayUse(role: string, type: string, name: string): boolean | 'either' {
  if (type === 'Query' || type === 'Mutation') return hasRootField(role, name);
  const input = inputOf(type);
  if (input !== null) {
    const [entity, operation] = input;
    if (!mayDo(role, entity, operation)) return false;
    if (/^records/.test(name)) return 'either';
    const { columns, presets = {} } = permissionOf(rules, role, entity.name, operation) ?? {};
    const column = name.replace(/Key$/, '');
    return (
      !Object.hasOwn(presets, column) &&
      ((columns as readonly string[] | undefined)?.includes(column) ?? true)
    );
  }
  const entity = entityNamed(/^(MedicalRecord|Patient|Doctor)/.exec(type)?.[0] ?? '');
  if (entity === undefined) return true;
  const field = name.replace(/Aggregate$/, '');
  return hasField(role, entity, field);
}

/** The entity whose rows an input makes or changes; null for other types. */
function inputOf(type: string): [Entity, 'create' | 'update'] | null {
  const [, verb, of] = /^(Create|Add|Update)(.+)Input$/.exec(type) ?? [];
  if (verb === undefined || of === undefined) return null;
  const below = /Records?$/.test(of) && of !== 'MedicalRecord';
  return [below ? MedicalRecord : (entityNamed(of) as Entity), verb === 'Update' ? 'update' : 'create'];
}

function hasRootField(role: string, name: string): boolean {
  if (name === 'node' || name === 'nodes') return entities.some((entity) => mayDo(role, entity, 'read'));
  if (name === 'viewer') return true;
  for (const entity of entities) {
    const { one, many } = tableOf(entity) as { one: string; many: string };
    if ([one, many, `${many}Aggregate`, `${many}Compared`].includes(name)) return mayDo(role, entity, 'read');
    const [, verb, of = ''] = /^(create|add|update|delete)(.+)$/.exec(name) ?? [];
    if (verb !== undefined && [one, many].includes(of.charAt(0).toLowerCase() + of.slice(1))) {
      return mayDo(role, entity, verb === 'add' ? 'create' : (verb as 'update'));
    }
  }
  // drift, erd, parity, sources, activity: features, which none of these roles has.
  return false;
}

const others = '(select id from doctors where licence_number = ?)';
/** Changes that a role must not be able to see; a question mark stands for the doctor's licence. */
const hiddenFrom: Record<string, readonly string[] | undefined> = {
  doctor: [
    `update patients set last_name = 'Zz', first_name = 'Yy', gender = 'OTHER', date_of_birth = '1901-01-01', contact_number = null
      where id not in (select patient_id from medical_records where doctor_id = ${others})`,
    `update medical_records set diagnosis = 'Hidden', treatment = null, admission_date = '1901-01-01', discharge_date = null
      where doctor_id is null or doctor_id <> ${others}`,
    `insert into medical_records (patient_id, diagnosis, admission_date) select id, 'Hidden too', '2030-01-01' from patients`,
    `delete from medical_records where diagnosis = 'Hidden' and id % 3 = 0`,
  ],
  get ward() {
    return this.doctor as readonly string[];
  },
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
  // Whether a record refers to no doctor, or to which of the hidden ones; the same of patients.
  colleague: [
    `update medical_records set doctor_id = case id % 2 when 0 then null else (select max(id) from doctors where licence_number <> ?) end
      where doctor_id is null or doctor_id <> ${others}`,
    'update medical_records set patient_id = 26 + id % 7 where patient_id > 25',
    `update doctors set last_name = concat('Z', id), specialty = null where licence_number <> ?`,
    `update patients set last_name = 'Zz', gender = 'OTHER', date_of_birth = '1901-01-01' where id > 25`,
  ],
};

/** The same in one cloud alone. */
const hiddenInGcp: Record<string, readonly string[] | undefined> = {
  doctor: [
    `update patients set contact_number = '5' where id not in (select patient_id from medical_records where doctor_id = ${others})`,
  ],
  get ward() {
    return this.doctor as readonly string[];
  },
  analyst: ["update patients set contact_number = '5'", "update medical_records set treatment = 'G'"],
  registrar: ["update medical_records set diagnosis = 'G'"],
  colleague: [`update doctors set specialty = 'G' where licence_number <> ?`],
};
