import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { DatabaseConfig } from '../../src/config/groups/database.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { pool, testConfig } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { mikroOrm, spawnTandem, tandem } from '../helpers/run-command-line.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { listen } from '../helpers/tcp-listener.ts';

/** Neither may be in anything that Tandem says, however it is written there. */
const password = 'Canary-p4ssw0rd%@/"1';
const patient = 'Canaria Featherstone';

const forms = (text: string) => [
  text,
  encodeURIComponent(text),
  new URLSearchParams({ text }).toString().slice('text='.length),
  JSON.stringify(text).slice(1, -1),
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
  Buffer.from(text).toString('hex'),
];
/** Parts too: a text that is cut off is still known by its beginning. */
const traces = [...forms(password), ...forms(patient), 'Canary-p4ss', 'Canaria', 'Featherstone'];

/** Everything that was said, with the fault that made it say so. */
const said: { readonly during: string; readonly text: string }[] = [];

/** Where a canary stands in a text; nowhere is an empty list. */
const found = (text: string) => traces.filter((trace) => text.includes(trace));

const native = await hasNativeServer();

let own: OwnServer;
let reachable: DatabaseConfig;
let home: string;
let caFile: string;
let passwordFile: string;
let server: TestServer;
/** Another client of the same database, that makes the faults. */
let other: Connection;

beforeAll(async () => {
  if (!native) return;
  own = await startOwnServer();
  for (const user of ['tandem', 'tandem_migrator']) {
    await own.sql(`alter user ${user} identified by '${password}'`);
  }
  const account = (user: string) => ({ user, password });
  reachable = { ...own.config, runtime: account('tandem'), migrator: account('tandem_migrator') };
  await migrateUp('AZURE', reachable, pool);
  other = await connect(reachable, own.admin);
  home = await mkdtemp(join(tmpdir(), 'tandem-canary-'));
  caFile = join(home, 'ca.pem');
  await writeFile(caFile, own.config.tls.ca ?? '');
  passwordFile = join(home, 'password');
  await writeFile(passwordFile, `${password}\n`);
  server = await startServer(configured(reachable));
  const { errors } = await server.ask(create, { input: { ...person, records: [stay] } });
  expect(errors).toBeUndefined();
});
afterAll(async () => {
  other?.destroy();
  await server?.[Symbol.asyncDispose]();
  await own?.[Symbol.asyncDispose]();
  if (home !== undefined) await rm(home, { recursive: true });
});

const configured = (AZURE: DatabaseConfig): Config => {
  const config = testConfig({ AZURE, GCP: reachable });
  // Every statement counts as slow.
  return { ...config, observability: { ...config.observability, slowStatementMs: 0 } };
};

const person = { firstName: 'Ada', lastName: patient, dateOfBirth: '1990-02-28', gender: 'FEMALE' };
const stay = { diagnosis: `Hay fever of ${patient}`, admissionDate: '2024-05-01' };
const create =
  'mutation ($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { key } } }';
const addRecord =
  'mutation ($input: AddMedicalRecordInput!) { addMedicalRecord(source: AZURE, input: $input) { medicalRecord { key } } }';
const find =
  'query ($name: String!) { patients(source: AZURE, where: { lastName: { eq: $name } }) { nodes { key } } }';

/** What a client is answered, status and headers too. */
async function request(to: TestServer, path: string, init: RequestInit): Promise<string> {
  const response = await fetch(to.url + path, init);
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  return [response.status, ...headers, await response.text()].join('\n');
}

const post = (to: TestServer, body: string, headers: Record<string, string> = {}) =>
  request(to, '/graphql', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });

const ask = (query: string, variables: object) => post(server, JSON.stringify({ query, variables }));

/** Asks a server of its own, and takes its log along. */
async function asking(
  AZURE: DatabaseConfig,
  query = find,
  variables: object = { name: patient },
): Promise<string> {
  await using to = await startServer(configured(AZURE));
  const answer = await post(to, JSON.stringify({ query, variables }));
  const ready = await request(to, '/readyz', {});
  const sources = await post(to, JSON.stringify({ query: '{ sources { source state } }' }));
  return [answer, ready, sources, ...to.log].join('\n');
}

async function during<T>(set: string, reset: string, work: () => Promise<T>): Promise<T> {
  await other.query(set);
  try {
    return await work();
  } finally {
    await other.query(reset);
  }
}

interface Fault {
  /** What shows that it came about. */
  readonly shows: RegExp;
  readonly provoke: () => Promise<string>;
}

/** Ways to go wrong with a canary in hand, on the server whose password is one. */
const faults: Record<string, Fault> = {
  'a duplicate': {
    shows: /DUPLICATE/,
    provoke: () =>
      during(
        'alter table patients add unique index last_name_unique (last_name)',
        'alter table patients drop index last_name_unique',
        () => ask(create, { input: person }),
      ),
  },
  'a text too long for the API': {
    shows: /BAD_USER_INPUT/,
    provoke: () => ask(create, { input: { ...person, lastName: patient.repeat(3) } }),
  },
  'a text too long for its column': {
    shows: /VALUE_TOO_LONG/,
    provoke: () =>
      during(
        'alter table medical_records modify treatment varchar(5)',
        'alter table medical_records modify treatment varchar(200)',
        () => ask(addRecord, { input: { ...stay, patientKey: 1, treatment: patient } }),
      ),
  },
  'characters that a column cannot hold': {
    shows: /BAD_USER_INPUT/,
    provoke: () =>
      during(
        'alter table medical_records modify treatment varchar(200) character set ascii',
        'alter table medical_records modify treatment varchar(200) character set utf8mb4',
        () => ask(addRecord, { input: { ...stay, patientKey: 1, treatment: `${patient} 艾` } }),
      ),
  },
  'a rule of the table': {
    shows: /CHECK_FAILED/,
    provoke: () => ask(addRecord, { input: { ...stay, patientKey: 1, dischargeDate: '2020-01-01' } }),
  },
  'a parent that is not there': {
    shows: /NOT_FOUND/,
    provoke: () => ask(addRecord, { input: { ...stay, patientKey: 4711 } }),
  },
  'a row that holds something else': {
    shows: /CONFLICT/,
    provoke: () =>
      ask(
        'mutation ($name: String) { updatePatient(source: AZURE, key: 1, input: { firstName: $name }, expected: { firstName: $name }) { patient { key } } }',
        { name: patient },
      ),
  },
  'an error of the database that nobody knows': {
    shows: /INTERNAL_SERVER_ERROR/,
    provoke: () =>
      during(
        `create trigger refuse before insert on patients for each row begin
          set @why = concat('no ', new.last_name); signal sqlstate '45000' set message_text = @why; end`,
        'drop trigger refuse',
        () => ask(create, { input: person }),
      ),
  },
  'a wait for a lock': {
    shows: /TIMEOUT/,
    provoke: () =>
      during(
        'set global innodb_lock_wait_timeout = 1',
        'set global innodb_lock_wait_timeout = 50',
        async () => {
          await other.query('start transaction');
          await other.query('select id from patients where id = 1 for update');
          const answer = await asking(reachable, addRecord, { input: { ...stay, patientKey: 1 } });
          await other.query('rollback');
          return answer;
        },
      ),
  },
  // It may end well, where Tandem tries again.
  'a deadlock': {
    shows: /CONFLICT|"key":/,
    async provoke() {
      const { data } = await server.ask(create, { input: person });
      const { key } = data.createPatient.patient;
      await other.query('start transaction');
      await other.query(`insert into patients (first_name, last_name, date_of_birth, gender)
        select first_name, last_name, date_of_birth, gender from patients, (values row(1), row(2), row(3)) as many`);
      await other.query('select id from patients where id = 1 for update');
      const answer = ask(
        'mutation ($inputs: [AddMedicalRecordInput!]!) { addMedicalRecords(source: AZURE, inputs: $inputs) { medicalRecords { key } } }',
        { inputs: [key, 1].map((patientKey) => ({ ...stay, patientKey })) },
      );
      await delay(300);
      await other.query(`select id from patients where id = ${key} for update`);
      await other.query('rollback');
      return answer;
    },
  },
  'a server that takes no changes': {
    shows: /READ_ONLY/,
    provoke: () =>
      during('set global read_only = on', 'set global read_only = off', () => ask(create, { input: person })),
  },
  'a column that is missing': {
    shows: /SCHEMA_OUTDATED/,
    provoke: () =>
      during(
        'alter table patients rename column last_name to surname',
        'alter table patients rename column surname to last_name',
        () => ask(find, { name: patient }),
      ),
  },
  'a statement that is killed': {
    shows: /TIMEOUT/,
    async provoke() {
      await other.query('lock tables patients write');
      const answer = ask(find, { name: patient });
      const atWork = `select id as id from information_schema.processlist where user = 'tandem' and info like 'select%patients%'`;
      const sessions = async () => (await other.query(atWork))[0] as { id: number }[];
      await expect.poll(sessions, { timeout: 20_000 }).not.toEqual([]);
      for (const { id } of await sessions()) await other.query(`kill query ${id}`);
      await other.query('unlock tables');
      return answer;
    },
  },
  'a wrong password': {
    shows: /ACCESS_DENIED/,
    provoke: () => asking({ ...reachable, runtime: { user: 'nobody', password } }),
  },
  'a command for the password that fails': {
    shows: /PASSWORD_COMMAND_FAILED.*exit code 3/s,
    provoke: () => asking({ ...reachable, runtime: printing('cat >&2; exit 3') }),
  },
  'a command for the password that says more': {
    shows: /PASSWORD_COMMAND_FAILED.*more than one line/s,
    provoke: () => asking({ ...reachable, runtime: printing('echo here it is:; cat') }),
  },
  'a command for another’s password': {
    shows: /ACCESS_DENIED/,
    provoke: () => asking({ ...reachable, runtime: { ...printing('cat'), user: 'nobody' } }),
  },
  'a database that is not there': {
    shows: /DATABASE_DENIED/,
    provoke: () => asking({ ...reachable, name: 'mysql' }),
  },
  'a closed port': {
    shows: /CONNECTION_REFUSED/,
    provoke: () => asking({ ...reachable, port: 9 }, create, { input: person }),
  },
  'a port that is silent': {
    shows: /CONNECT_TIMEOUT/,
    async provoke() {
      await using silent = await listen(() => {});
      return await asking({ ...reachable, port: silent.port });
    },
  },
  'a port that hangs up': {
    shows: /CONNECTION_LOST/,
    async provoke() {
      await using rude = await listen((socket) => socket.resetAndDestroy());
      return await asking({ ...reachable, port: rude.port });
    },
  },
  'a certificate that nobody vouches for': {
    shows: /TLS_CA_UNKNOWN/,
    provoke: () => asking({ ...reachable, tls: { mode: 'VERIFY_IDENTITY' } }),
  },
  'a certificate of another host': {
    shows: /TLS_HOST_MISMATCH/,
    async provoke() {
      await using elsewhere = await startOwnServer({
        certifiedFor: { dns: 'elsewhere.test', ip: '192.0.2.1' },
      });
      return await asking({ ...elsewhere.config, runtime: reachable.runtime });
    },
  },
  'a server without TLS': {
    shows: /TLS_NOT_OFFERED/,
    async provoke() {
      const more = ['--ssl-ca=', '--ssl-cert=', '--ssl-key=', '--require-secure-transport=OFF'];
      await using plain = await startOwnServer({ more });
      return await asking({ ...plain.config, runtime: reachable.runtime });
    },
  },
  'a body that is no JSON': { shows: /BAD_REQUEST/, provoke: () => post(server, `{"query": "${patient}`) },
  'a body that is too large': {
    shows: /PAYLOAD_TOO_LARGE/,
    provoke: () => ask(create, { input: { ...person, lastName: patient.repeat(60_000) } }),
  },
  'a body of another type': {
    shows: /UNSUPPORTED_MEDIA_TYPE/,
    provoke: () => post(server, patient, { 'content-type': 'text/plain' }),
  },
  'a form': {
    shows: /UNSUPPORTED_MEDIA_TYPE/,
    provoke: () =>
      request(server, '/graphql', { method: 'POST', body: new URLSearchParams({ query: find, patient }) }),
  },
  'a path that there is not': {
    shows: /PATH_NOT_FOUND/,
    provoke: () => request(server, `/${encodeURIComponent(patient)}/${encodeURIComponent(password)}`, {}),
  },
  'an address with everything in it': {
    shows: /\b400\b/,
    provoke: () =>
      request(server, `/graphql?${new URLSearchParams({ query: `{ ${patient}`, password })}`, {}),
  },
  'headers with everything in them': {
    shows: /UNAUTHENTICATED/,
    provoke: () =>
      post(server, '[', {
        authorization: `Basic ${btoa(`tandem:${password}`)}`,
        cookie: `name=${encodeURIComponent(patient)}`,
      }),
  },
  'a document that is no GraphQL': {
    shows: /GRAPHQL_PARSE_FAILED/,
    provoke: () => ask(`{ patients(source: AZURE, where: { lastName: "${patient}" "${patient}" }) }`, {}),
  },
  'a literal of the wrong type': {
    shows: /GRAPHQL_VALIDATION_FAILED/,
    provoke: () => ask(`{ patients(source: "${patient}", first: "${patient}") { nodes { key } } }`, {}),
  },
  'a variable of the wrong type': {
    shows: /BAD_USER_INPUT/,
    provoke: () => ask(create, { input: { ...person, dateOfBirth: patient, gender: patient } }),
  },
  'a cursor that is none': {
    shows: /BAD_USER_INPUT/,
    provoke: () =>
      ask('query ($after: String!) { patients(source: AZURE, after: $after) { nodes { key } } }', {
        after: patient,
      }),
  },
  'an id that is none': {
    shows: /BAD_USER_INPUT|"node":null/,
    provoke: () => ask('query ($id: ID!) { node(id: $id) { id } }', { id: patient }),
  },
  'a persisted document that is not there': {
    shows: /PERSISTED_QUERY_NOT_FOUND/,
    provoke: () =>
      post(server, JSON.stringify({ documentId: `sha256:${'0'.repeat(64)}`, variables: { name: patient } })),
  },
};

/** An account with a script for a password, which reads the true one. */
const printing = (script: string) => ({
  user: 'tandem',
  password: { argv: ['sh', '-c', `{ ${script}; } <'${passwordFile}'`], cacheMs: 1000 } as const,
});

/** Commands that fail, with the password among their settings. */
const commands: Record<
  string,
  readonly [args: readonly string[], change: Record<string, string>, shows: RegExp]
> = {
  'seed, refused': [['seed', '--source', 'azure'], { AZURE_DB_USER: 'nobody' }, /ACCESS_DENIED/],
  'seed, with nobody there': [['seed'], { AZURE_DB_PORT: '9' }, /CONNECTION_REFUSED/],
  'seed, of another authority': [['seed'], { AZURE_DB_SSL_CA: '' }, /TLS_CA_UNKNOWN/],
  'seed, with wrong settings': [['seed'], { AZURE_DB_HOST: '', PORT: 'x' }, /settings are wrong/],
  'serve, with wrong settings': [
    ['serve'],
    { AZURE_DB_SSL_CA: '/nowhere', POOL_MAX: '21' },
    /settings are wrong/,
  ],
  'preflight, refused': [['preflight'], { AZURE_DB_USER: 'nobody' }, /ACCESS_DENIED|refuses the account/],
  'preflight, as JSON': [['preflight', '--json'], { GCP_DB_PORT: '9' }, /CONNECTION_REFUSED/],
  'preflight, of another authority': [['preflight'], { AZURE_DB_SSL_CA: '' }, /authority/],
};

const settings = (): Record<string, string> =>
  Object.fromEntries(
    ['AZURE', 'GCP'].flatMap((name) =>
      Object.entries({
        HOST: '127.0.0.1',
        PORT: String(own.port),
        NAME: 'tandem',
        USER: 'tandem',
        PASSWORD: password,
        MIGRATOR_USER: 'tandem_migrator',
        MIGRATOR_PASSWORD: password,
        SSL_CA: caFile,
      }).map(([key, value]) => [`${name}_DB_${key}`, value]),
    ),
  );

describe.skipIf(!native)('a canary password and a canary patient', () => {
  it('would be seen: MySQL and the driver say them, and so would an answer', async () => {
    await other.query('create table birds (name varchar(50) primary key)');
    await other.query('insert into birds values (?)', [patient]);
    const error = await other.query('insert into birds values (?)', [patient]).catch((error) => error);
    expect(found(error.message)).not.toEqual([]);
    expect(found(error.sql)).not.toEqual([]);
    expect(
      found(JSON.stringify(await server.ask('{ patients(source: AZURE) { nodes { lastName } } }'))),
    ).not.toEqual([]);
    for (const text of [...forms(password), ...forms(patient)]) expect(found(`a ${text} b`)).not.toEqual([]);
  });

  it.each(Object.entries(faults))(
    'are in nothing that %s makes Tandem say',
    async (name, { shows, provoke }) => {
      const before = server.log.length;
      const text = [await provoke(), ...server.log.slice(before)].join('\n');
      said.push({ during: name, text });
      expect(text).toMatch(shows);
      expect(found(text)).toEqual([]);
    },
  );

  it.each(Object.entries(commands))(
    'are in nothing that is printed by %s',
    async (name, [args, change, shows]) => {
      // One as a process, which may say more; so must those be that would not end by themselves.
      const run = name === 'seed, refused' || args[0] === 'serve' ? spawnTandem : tandem;
      const { code, stdout, stderr } = await run(args, { ...settings(), ...change });
      const text = stdout + stderr;
      said.push({ during: name, text });
      expect(code).not.toBe(0);
      expect(text).toMatch(shows);
      expect(found(text)).toEqual([]);
    },
  );

  it.each([
    ['migration:up', { AZURE_DB_MIGRATOR_USER: 'nobody' }],
    ['migration:pending', { AZURE_DB_PORT: '9' }],
    ['debug', {}],
  ])('are in nothing that MikroORM’s own %s prints', async (command, change) => {
    const { stdout, stderr } = await mikroOrm([command, '--contextName', 'azure'], {
      ...settings(),
      ...change,
    });
    const text = stdout + stderr;
    said.push({ during: `mikro-orm ${command}`, text });
    expect(text).not.toBe('');
    expect(found(text)).toEqual([]);
  });

  it('are in no metric', async () => {
    const metrics = await request(server, '/metrics', {});
    expect(metrics).toMatch(/^200\n/);
    expect(metrics).toMatch(/tandem_/);
    said.push({ during: 'metrics', text: metrics });
    expect(found(metrics)).toEqual([]);
  });

  it('occur nowhere in all that was said', () => {
    expect(said.length).toBe(Object.keys(faults).length + Object.keys(commands).length + 4);
    expect(said.flatMap(({ during, text }) => found(text).map((trace) => [during, trace]))).toEqual([]);
    expect(found(server.log.join('\n'))).toEqual([]);
  });
});
