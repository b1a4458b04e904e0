import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driftOf } from '../../src/drift/drift.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { openDatabase } from '../../src/sources/database.ts';
import { pool, testConfig } from '../helpers/databases.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { oddTexts } from '../helpers/odd-texts.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const native = await hasNativeServer();

let own: OwnServer;
let server: TestServer;

beforeAll(async () => {
  if (!native) return;
  own = await startOwnServer();
  await migrateUp('AZURE', own.config, pool);
  server = await startServer(testConfig({ AZURE: own.config, GCP: own.config }));
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await own?.[Symbol.asyncDispose]();
});

/** Each is a mode of https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html, alone; the empty one is none at all. */
const sqlModes = [
  '',
  'ALLOW_INVALID_DATES',
  'ANSI',
  'ANSI_QUOTES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'HIGH_NOT_PRECEDENCE',
  'IGNORE_SPACE',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_BACKSLASH_ESCAPES',
  'NO_DIR_IN_CREATE',
  'NO_ENGINE_SUBSTITUTION',
  'NO_UNSIGNED_SUBTRACTION',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ONLY_FULL_GROUP_BY',
  'PAD_CHAR_TO_FULL_LENGTH',
  'PIPES_AS_CONCAT',
  'REAL_AS_FLOAT',
  'STRICT_ALL_TABLES',
  'STRICT_TRANS_TABLES',
  'TIME_TRUNCATE_FRACTIONAL',
  'TRADITIONAL',
];

/** What else changes what a statement means or answers: the variable and its value, as SQL. */
const others: readonly (readonly [variable: string, value: string])[] = [
  ['autocommit', '0'],
  ['big_tables', '1'],
  ['character_set_client', 'latin1'],
  ['character_set_connection', 'latin1'],
  ['character_set_results', 'latin1'],
  ['character_set_server', 'latin1'],
  ['collation_connection', 'utf8mb4_bin'],
  ['completion_type', "'CHAIN'"],
  ['completion_type', "'RELEASE'"],
  ['default_storage_engine', "'MyISAM'"],
  ['default_week_format', '3'],
  ['div_precision_increment', '0'],
  ['explicit_defaults_for_timestamp', '0'],
  ['foreign_key_checks', '0'],
  ['group_concat_max_len', '4'],
  ['init_connect', "'set sql_mode = ''NO_BACKSLASH_ESCAPES'', autocommit = 0, foreign_key_checks = 0'"],
  ['innodb_lock_wait_timeout', '1'],
  ['lc_messages', "'de_DE'"],
  ['lc_time_names', "'de_DE'"],
  ['max_execution_time', '1'],
  ['max_join_size', '1'],
  ['max_prepared_stmt_count', '0'],
  ['max_prepared_stmt_count', '3'],
  ['max_sort_length', '4'],
  ['sql_auto_is_null', '1'],
  ['sql_big_selects', '0'],
  ['sql_generate_invisible_primary_key', '1'],
  ['sql_quote_show_create', '0'],
  ['sql_require_primary_key', '1'],
  ['sql_safe_updates', '1'],
  ['sql_select_limit', '1'],
  ['time_zone', "'+13:00'"],
  ['transaction_isolation', "'READ-UNCOMMITTED'"],
  ['transaction_isolation', "'SERIALIZABLE'"],
  ['transaction_read_only', '1'],
  ['unique_checks', '0'],
  ['wait_timeout', '1'],
];

/** Run in each run, whatever their value; the others with `npm run test:long`. */
const always = {
  modes: ['', 'ANSI', 'NO_BACKSLASH_ESCAPES'],
  variables: [
    'autocommit',
    'character_set_results',
    'foreign_key_checks',
    'init_connect',
    'max_prepared_stmt_count',
    'sql_safe_updates',
    'time_zone',
  ],
};

const isLong = process.env.TANDEM_LONG === '1';
const settings = [
  ...sqlModes
    .filter((mode) => isLong || always.modes.includes(mode))
    .map((mode) => ['sql_mode', `'${mode}'`] as const),
  ...others.filter(([variable]) => isLong || always.variables.includes(variable)),
];

/** Sets a variable for sessions to come, ends those that are, and sets it back afterwards. */
async function under(variable: string, value: string, work: () => Promise<void>): Promise<void> {
  const [before] = await own.sql<{ value: string }>(`select cast(@@global.${variable} as char) as value`);
  await own.sql(`set global ${variable} = ${value}`);
  try {
    await endSessions();
    await work();
  } finally {
    const old = before?.value ?? '';
    await own.sql(`set global ${variable} = ${/^\d+$/.test(old) ? old : `'${old}'`}`);
    await endSessions();
  }
}

async function endSessions(): Promise<void> {
  const sessions = await own.sql<{ id: number }>(
    "select id from information_schema.processlist where user <> 'admin'",
  );
  for (const { id } of sessions) await own.sql(`kill ${id}`).catch(() => {});
}

/** Empties the tables, so that keys begin anew. */
async function empty({ sql }: Pick<OwnServer, 'sql'>): Promise<void> {
  await sql('set foreign_key_checks = 0');
  for (const table of ['medical_records', 'patients', 'doctors']) await sql(`truncate tandem.${table}`);
  await sql('set foreign_key_checks = 1');
}

const patient = 'key firstName lastName dateOfBirth gender contactNumber';

/** Writes and reads with odd texts, and what is refused: what each operation answers, in their order. */
async function answers(asked = server, database = own, source = 'AZURE'): Promise<unknown[]> {
  await empty(database);
  const said: unknown[] = [];
  const ask = async (document: string, variables: Record<string, unknown> = {}) => {
    const text = document.replaceAll('source: AZURE', `source: ${source}`);
    const { data, errors } = await asked.ask(text, variables);
    said.push({
      data,
      errors: errors?.map(({ message, path, extensions: { code, fields } }) => ({
        message,
        path,
        code,
        fields,
      })),
    });
  };
  const person = (text: string, at: number) => ({
    firstName: `No. ${at}`,
    lastName: text,
    dateOfBirth: `19${60 + at}-02-28`,
    gender: 'FEMALE',
    contactNumber: at % 2 === 0 ? null : text.slice(0, 20),
    records: [
      { diagnosis: text, treatment: text, admissionDate: '2024-02-29', dischargeDate: null },
      { diagnosis: `${text}${text}`, admissionDate: '2024-03-01', dischargeDate: '2024-03-02' },
    ],
  });
  await ask(
    `mutation($inputs: [CreatePatientInput!]!) { createPatients(source: AZURE, inputs: $inputs) {
      patients { ${patient} records { nodes { key diagnosis treatment admissionDate dischargeDate } } } } }`,
    { inputs: oddTexts.slice(1).map(person) },
  );
  await ask(
    `mutation($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { ${patient} } } }`,
    { input: person(oddTexts[0], 0) },
  );
  for (const text of oddTexts) {
    await ask(
      `mutation($n: String!) { updatePatient(source: AZURE, key: 1, input: { lastName: $n }) { patient { ${patient} } } }`,
      { n: text },
    );
    await ask(
      `query($text: String!, $start: String!) {
        eq: patients(source: AZURE, where: { lastName: { eq: $text } }) { totalCount nodes { key } }
        contains: patients(source: AZURE, where: { lastName: { contains: $text } }) { nodes { key } }
        startsWith: patients(source: AZURE, where: { lastName: { startsWith: $start } }) { nodes { key } }
        without: patients(source: AZURE, where: { not: { lastName: { contains: $text } } }) { nodes { key } }
        among: patients(source: AZURE, where: { lastName: { in: [$text, $start, "q?"] } }) { nodes { key } }
        others: patients(source: AZURE, where: { lastName: { notIn: [$text, $start] } }) { nodes { key } }
        some: patients(source: AZURE, where: { records: { some: { treatment: { contains: $text } } } }) { nodes { key } }
      }`,
      { text, start: text.slice(0, 3) },
    );
  }
  for (const text of ['0%', '%', '_', '\\', '\\\\', '!', '|', "'", '?', '-- ']) {
    await ask(
      `query($text: String!) {
        patients(source: AZURE, where: { lastName: { contains: $text } }) { totalCount nodes { key } } }`,
      { text },
    );
  }
  await ask(`{ patients(source: AZURE, orderBy: [{ lastName: DESC }, { key: ASC }], first: 5) {
    nodes { key lastName records { nodes { diagnosis patient { lastName records { nodes { key } } } } } } pageInfo { endCursor } } }`);
  await ask(
    `{ medicalRecordsAggregate(source: AZURE, groupBy: [dischargeDate]) { group { dischargeDate } count avg { key } sum { key }
      min { admissionDate } } }`,
  );
  const doctor = (licenceNumber: string) =>
    `createDoctor(source: AZURE, input: { firstName: "A", lastName: "B", licenceNumber: "${licenceNumber}" }) { doctor { key } }`;
  await ask(`mutation { a: ${doctor('L1')} b: ${doctor('L1')} }`);
  await ask('mutation { deletePatient(source: AZURE, key: 1) { key } }');
  await ask(`mutation { addMedicalRecord(source: AZURE, input: {
    patientKey: 999, diagnosis: "x", admissionDate: "2024-01-01" }) { medicalRecord { key } } }`);
  await ask(`mutation { addMedicalRecord(source: AZURE, input: {
    patientKey: 1, diagnosis: "x", admissionDate: "2024-01-02", dischargeDate: "2024-01-01" }) { medicalRecord { key } } }`);
  await ask(
    `mutation($n: String!) { updatePatient(source: AZURE, key: 2, expected: { lastName: $n }, input: { firstName: "Z" }) {
      patient { ${patient} } } }`,
    { n: 'another' },
  );
  await ask(
    `{ doctors(source: AZURE, where: { key: { isNull: true } }) { nodes { key } } patient(source: AZURE, key: 2) { ${patient} } }`,
  );
  await ask('{ source(source: AZURE) { state migration } }');
  return said;
}

describe.skipIf(!native)('whatever a server’s settings, operations answer the same', () => {
  let expected: unknown[];
  beforeAll(async () => {
    expected = await answers();
  });

  it('under MySQL’s defaults: what was written is what is read, and no text is more than text', async () => {
    const [created] = expected as { data: { createPatients: { patients: { lastName: string }[] } } }[];
    expect(created?.data.createPatients.patients.map(({ lastName }) => lastName)).toEqual(oddTexts.slice(1));
    expect(JSON.stringify(expected)).not.toMatch(/SOURCE_UNAVAILABLE|INTERNAL|TIMEOUT|VALIDATION/);
    const { data } = await server.ask(
      `{ patients(source: AZURE, where: { lastName: { contains: "0%" } }) { nodes { lastName } } }`,
    );
    expect(data.patients.nodes).toEqual([{ lastName: '100%' }, { lastName: '50% of 100%' }]);
  });

  it.each(settings)('under %s = %s', async (variable, value) => {
    await under(variable, value, async () => {
      expect(await answers()).toEqual(expected);
    });
  });
});

describe.skipIf(!native)('whatever a server’s settings, migrations make the same tables', () => {
  it.each(settings)('under %s = %s', async (variable, value) => {
    await under(variable, value, async () => {
      await own.sql('drop database if exists fresh');
      await own.sql('create database fresh character set utf8mb4');
      await own.sql("grant all on fresh.* to 'tandem_migrator'@'%'");
      const database = { ...own.config, name: 'fresh' };
      await migrateUp('AZURE', database, pool);
      const opened = await openDatabase('AZURE', database, database.migrator, pool);
      try {
        const { findings } = await driftOf('AZURE', opened.orm, opened.orm.em);
        expect(findings).toEqual([]);
      } finally {
        await opened.close();
        await own.sql('drop database fresh');
      }
    });
  });
});

describe.skipIf(!native)('two servers whose defaults differ', () => {
  let azure: OwnServer;
  let gcp: OwnServer;
  let both: TestServer;
  beforeAll(async () => {
    [azure, gcp] = await Promise.all([
      startOwnServer({
        // As Azure has it; it holds for the data, too.
        made: ['--lower-case-table-names=1'],
        more: [
          '--character-set-server=latin1',
          '--default-time-zone=+13:00',
          '--sql-mode=ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH',
          // Whatever a client says at login, it gets the server's own: until MySQL 9, by an option of this name.
          '--loose-skip-character-set-client-handshake',
          '--init-connect=set names latin1',
        ],
      }),
      startOwnServer({
        more: [
          '--character-set-server=utf8mb4',
          '--collation-server=utf8mb4_bin',
          '--default-time-zone=-11:00',
          '--sql-mode=',
          '--transaction-isolation=READ-COMMITTED',
        ],
      }),
    ]);
    await migrateUp('AZURE', azure.config, pool);
    await migrateUp('GCP', gcp.config, pool);
    both = await startServer(testConfig({ AZURE: azure.config, GCP: gcp.config }));
  });
  afterAll(async () => {
    await both?.[Symbol.asyncDispose]();
    await azure?.[Symbol.asyncDispose]();
    await gcp?.[Symbol.asyncDispose]();
  });

  it('differ', async () => {
    const names = ['lower_case_table_names', 'character_set_server', 'time_zone', 'sql_mode'];
    const values = (of: OwnServer) => of.sql(`select ${names.map((name) => `@@global.${name} as ${name}`)}`);
    const [one, other] = await Promise.all([values(azure), values(gcp)]);
    for (const name of names) expect(Object(one?.[0])[name]).not.toBe(Object(other?.[0])[name]);
  });

  it('answer the same, and as one with MySQL’s defaults', async () => {
    const expected = (await answers()).slice(0, -1);
    expect((await answers(both, azure)).slice(0, -1)).toEqual(expected);
    expect((await answers(both, gcp, 'GCP')).slice(0, -1)).toEqual(expected);
  });

  it('have the same tables', async () => {
    const { data, errors } = await both.ask('{ drift { sources { findings { object property } } } }');
    expect(errors).toBeUndefined();
    expect(data.drift.sources.findings).toEqual([]);
  });
});
