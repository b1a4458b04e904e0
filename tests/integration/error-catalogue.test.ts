import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { catalogue, type ErrorCode } from '../../src/errors/codes.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { createDatabases, limits, pool, type TestDatabases, testConfig } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { type Answer, startServer, type TestServer } from '../helpers/server.ts';

const native = await hasNativeServer();

/** Provoked where what brings them about is tested: the pool's own conditions, the limits, the shutdown. */
const elsewhere = {
  POOL_TIMEOUT: 'integration/pool-faults',
  OVERLOADED: 'integration/pool-faults',
  OUTCOME_UNKNOWN: 'integration/write-outcomes',
  PAYLOAD_UNAVAILABLE: 'integration/write-outcomes',
  AUDIT_UNAVAILABLE: 'integration/audit-trail',
  CLIENT_CLOSED_REQUEST: 'integration/pool-faults',
  FORBIDDEN: 'integration/identity',
  HOST_NOT_ALLOWED: 'integration/hosts',
  IDENTITY_PROVIDER_UNAVAILABLE: 'integration/identity',
  SHUTTING_DOWN: 'integration/shutdown',
  COLLATIONS_DIFFER: 'integration/view-texts',
  WRITE_REFUSED: 'integration/access-writes',
  ALREADY_RUNNING: 'integration/parity-runs',
  TOO_MANY_CONNECTIONS: 'unit/connections',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** Only an administrator can bring these about. */
const needAdministrator: readonly ErrorCode[] = ['READ_ONLY', 'SOURCE_ACCESS_DENIED', 'TIMEOUT'];

let databases: TestDatabases;
let server: TestServer;
let own: OwnServer;
let ownServer: TestServer;

beforeAll(async () => {
  databases = await createDatabases();
  server = await startServer(databases.config);
  await ask(create('AZURE'), { input: { ...person, records: [stay] } });
  if (!native) return;
  own = await startOwnServer();
  await migrateUp('AZURE', own.config, pool);
  ownServer = await startServer(testConfig({ AZURE: own.config, GCP: own.config }));
  await ownServer.ask(create('AZURE'), { input: person });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
  await ownServer?.[Symbol.asyncDispose]();
  await own?.[Symbol.asyncDispose]();
});

const person = {
  firstName: 'Ada',
  lastName: 'Exampleton',
  dateOfBirth: '1990-02-28',
  gender: 'FEMALE',
  contactNumber: '555-0100',
};
const stay = { diagnosis: 'Hay fever', admissionDate: '2024-05-01' };
const create = (source: string) =>
  `mutation ($input: CreatePatientInput!) { createPatient(source: ${source}, input: $input) { patient { key } } }`;
const createMany =
  'mutation ($inputs: [CreatePatientInput!]!) { createPatients(source: AZURE, inputs: $inputs) { patients { key } } }';
const update =
  'mutation ($key: Int!, $input: UpdatePatientInput!, $expected: UpdatePatientInput) { updatePatient(source: AZURE, key: $key, input: $input, expected: $expected) { patient { key } } }';
const addRecord =
  'mutation ($input: AddMedicalRecordInput!) { addMedicalRecord(source: AZURE, input: $input) { medicalRecord { key } } }';
const list = '{ patients(source: AZURE) { nodes { key } } }';

const ask = (query: string, variables?: Record<string, unknown>) => server.ask(query, variables);

/** The answer of a server of its own, configured otherwise. */
async function asking(change: Partial<Config>, query: string): Promise<Answer> {
  await using other = await startServer({ ...databases.config, ...change });
  return await other.ask(query);
}

/** The answer to a request that says more than an operation. */
async function send(init: RequestInit, path = '/graphql'): Promise<Answer> {
  const response = await fetch(server.url + path, init);
  const body = (await response.json()) as object;
  return { status: response.status, headers: response.headers, ...body } as Answer;
}

const post = (body: string, headers: Record<string, string> = {}) =>
  send({ method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

/** The answer while a table is otherwise than the migrations make it. */
async function altered(change: string, undo: string, asks: () => Promise<Answer>): Promise<Answer> {
  const { AZURE } = databases.config.databases;
  const connection = await connect(AZURE, AZURE.migrator);
  try {
    await connection.query(change);
    const answer = await asks();
    await connection.query(undo);
    return answer;
  } finally {
    connection.destroy();
  }
}

/** How each code comes about, on real servers, seen by a client. */
const provoked: Record<Exclude<ErrorCode, keyof typeof elsewhere>, () => Promise<Answer>> = {
  SOURCE_UNAVAILABLE() {
    const { AZURE, GCP } = databases.config.databases;
    return asking({ databases: { AZURE: { ...AZURE, port: 9 }, GCP } }, list);
  },

  async SOURCE_ACCESS_DENIED() {
    await own.sql("revoke insert on tandem.* from 'tandem'@'%'");
    try {
      // A session keeps the privileges that it began with.
      await using other = await startServer(testConfig({ AZURE: own.config, GCP: own.config }));
      const answer = await other.ask(create('AZURE'), { input: person });
      expect(answer.errors?.[0].message).toBe(
        'The account that Tandem uses lacks the privilege INSERT, which this needs.',
      );
      return answer;
    } finally {
      await own.sql("grant insert on tandem.* to 'tandem'@'%'");
    }
  },

  async SCHEMA_OUTDATED() {
    await using empty = await createDatabases({ migrated: false });
    return await asking({ databases: empty.config.databases }, list);
  },

  NOT_FOUND: () => ask(addRecord, { input: { ...stay, patientKey: 4711 } }),

  DUPLICATE: () =>
    altered(
      'alter table patients add unique index patients_last_name_unique (last_name)',
      'alter table patients drop index patients_last_name_unique',
      () => ask(create('AZURE'), { input: person }),
    ),

  CONFLICT: () => ask(update, { key: 1, input: { firstName: 'Eve' }, expected: { firstName: 'Eve' } }),
  REFERENCED: () => ask('mutation { deletePatient(source: AZURE, key: 1) { key } }'),

  UNREADABLE_VALUE: () =>
    altered(
      "alter table patients modify gender enum('FEMALE','MALE','OTHER','UNKNOWN','NEW') not null",
      "alter table patients modify gender enum('FEMALE','MALE','OTHER','UNKNOWN') not null",
      async () => {
        const setGender = (gender: string) =>
          server.sources.AZURE.write((em) =>
            em.execute('update patients set gender = ? where id = 1', [gender]),
          );
        await setGender('NEW');
        const answer = await ask('{ patient(source: AZURE, key: 1) { gender } }');
        await setGender(person.gender);
        return answer;
      },
    ),

  VALUE_TOO_LONG: () =>
    altered(
      'alter table patients modify last_name varchar(10) not null',
      'alter table patients modify last_name varchar(50) not null',
      () => ask(create('AZURE'), { input: { ...person, lastName: 'Exampletonia' } }),
    ),

  CHECK_FAILED: () => ask(addRecord, { input: { ...stay, patientKey: 1, dischargeDate: '2023-01-01' } }),

  async READ_ONLY() {
    await own.sql('set global super_read_only = on');
    const answer = await ownServer.ask(create('AZURE'), { input: person });
    await own.sql('set global read_only = off');
    return answer;
  },

  // A record needs its patient's row, which another transaction holds.
  async TIMEOUT() {
    const holder = await connect(own.config);
    await own.sql('set global innodb_lock_wait_timeout = 1');
    await holder.query('start transaction');
    await holder.query('select id from patients where id = 1 for update');
    await using other = await startServer(testConfig({ AZURE: own.config, GCP: own.config }));
    const answer = await other.ask(addRecord, { input: { ...stay, patientKey: 1 } });
    await own.sql('set global innodb_lock_wait_timeout = 50');
    holder.destroy();
    return answer;
  },

  BAD_USER_INPUT: () => ask(create('AZURE'), { input: { ...person, gender: 'canary' } }),
  UNAUTHENTICATED: () => post(JSON.stringify({ query: list }), { authorization: 'Bearer canary' }),
  BAD_REQUEST: () => post('{ "query": '),
  ORIGIN_NOT_ALLOWED: () => post(list, { origin: 'https://example.com' }),
  PATH_NOT_FOUND: () => send({}, '/nowhere'),
  METHOD_NOT_ALLOWED: () => send({ method: 'DELETE' }),
  PAYLOAD_TOO_LARGE: () =>
    post(JSON.stringify({ query: list, variables: { canary: 'x'.repeat(1_100_000) } })),
  UNSUPPORTED_MEDIA_TYPE: () => post(list, { 'content-type': 'text/plain' }),
  GRAPHQL_PARSE_FAILED: () => ask('{ patients('),
  GRAPHQL_VALIDATION_FAILED: () => ask('{ nothing }'),
  OPERATION_TOO_COMPLEX: () =>
    ask(`{ ${Array.from({ length: 30 }, (_, n) => `t${n}: __typename`).join(' ')} }`),
  async RATE_LIMITED() {
    await using other = await startServer({
      ...databases.config,
      limits: { ...limits, requestsPerMinute: 1 },
    });
    await other.ask('{ __typename }');
    return await other.ask('{ __typename }');
  },
  OPERATION_RESOLUTION_FAILURE: () => ask(`query A ${list} query B ${list}`),
  PERSISTED_DOCUMENT_REQUIRED: () =>
    asking({ persistedDocuments: { documents: new Map(), only: true } }, list),
  PERSISTED_QUERY_NOT_FOUND: () => post(JSON.stringify({ documentId: `sha256:${'0'.repeat(64)}` })),

  // An error that the catalogue does not know.
  INTERNAL_SERVER_ERROR: () =>
    altered(
      "create trigger refuse before insert on patients for each row signal sqlstate '45000' set message_text = 'canary'",
      'drop trigger refuse',
      () => ask(create('AZURE'), { input: person }),
    ),
};

const codes = Object.keys(provoked) as (keyof typeof provoked)[];

describe('every code is answered', () => {
  for (const code of codes) {
    it.skipIf(needAdministrator.includes(code) && !native)(`${code}, with its remedy`, async () => {
      const { status, errors, data } = await provoked[code]();
      const entry = catalogue[code];
      expect(errors).toHaveLength(1);
      expect(errors?.[0].extensions).toMatchObject({ code, retryable: (entry.retry as string) === 'later' });
      const { source = '', remedy } = errors?.[0].extensions ?? {};
      const of = entry.remedy
        .replaceAll('{source}', source)
        .replaceAll('{source:lower}', source.toLowerCase());
      expect(remedy).toBe(of);
      const whole = 'status' in entry ? entry.status : 200;
      expect(status).toBe(data === undefined ? whole : 200);
      expect(JSON.stringify(errors)).not.toMatch(
        /canary|select |insert |sqlMessage|stacktrace|node_modules/i,
      );
    });
  }
});

describe('what only the database refuses', () => {
  type Case = readonly [what: string, change: string, undo: string, asks: () => Promise<Answer>];
  const narrow = [
    'alter table patients modify last_name varchar(10) not null',
    'alter table patients modify last_name varchar(50) not null',
  ] as const;
  const lastName = 'Exampletonia';

  it.each<Case>([
    ['an update', ...narrow, () => ask(update, { key: 1, input: { lastName } })],
    ['a row of many', ...narrow, () => ask(createMany, { inputs: [person, { ...person, lastName }] })],
  ])('names field and limit of a text that is too long, in %s', async (_what, change, undo, asks) => {
    const { errors } = await altered(change, undo, asks);
    expect(errors?.[0]).toMatchObject({
      message: 'lastName is longer than its column, which should take 50 characters.',
      extensions: { code: 'VALUE_TOO_LONG', fields: [{ path: 'lastName' }] },
    });
  });

  it('and in a row within another, of which nothing is written then', async () => {
    const count = async () =>
      (await ask('{ patients(source: AZURE) { totalCount } }')).data.patients.totalCount;
    const before = await count();
    const { errors } = await altered(
      'alter table medical_records modify diagnosis varchar(10) not null',
      'alter table medical_records modify diagnosis varchar(100) not null',
      () =>
        ask(create('AZURE'), {
          input: { ...person, records: [{ ...stay, diagnosis: 'Hay fever, severe' }] },
        }),
    );
    expect(errors?.[0].message).toBe(
      'diagnosis is longer than its column, which should take 100 characters.',
    );
    expect(await count()).toBe(before);
  });

  it.each<readonly [...Case, message: string]>([
    [
      'null (1048)',
      "alter table patients modify contact_number varchar(20) not null default ''",
      'alter table patients modify contact_number varchar(20)',
      () => ask(update, { key: 1, input: { contactNumber: null } }),
      'contactNumber cannot be null.',
    ],
    [
      'a column without a default (1364)',
      'alter table patients modify contact_number varchar(20) not null',
      'alter table patients modify contact_number varchar(20)',
      () => ask(create('AZURE'), { input: { ...person, contactNumber: undefined } }),
      'contactNumber cannot be null.',
    ],
    [
      'characters (1366)',
      'alter table patients modify first_name varchar(50) character set ascii not null',
      'alter table patients modify first_name varchar(50) character set utf8mb4 not null',
      () => ask(update, { key: 1, input: { firstName: '艾达' } }),
      'firstName has a value that its column cannot hold.',
    ],
    [
      'a number that is out of range (1264)',
      'alter table medical_records drop foreign key medical_records_patient_id_foreign, modify patient_id tinyint not null',
      `alter table medical_records modify patient_id int not null, add constraint medical_records_patient_id_foreign
        foreign key (patient_id) references patients (id) on update restrict on delete restrict`,
      () => ask(addRecord, { input: { ...stay, patientKey: 4711 } }),
      'patientKey is out of the range of its column.',
    ],
  ])('names the field of %s', async (_what, change, undo, asks, message) => {
    const { errors } = await altered(change, undo, asks);
    expect(errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT', source: 'AZURE' } });
  });
});
