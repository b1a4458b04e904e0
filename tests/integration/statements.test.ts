import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startSeededServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(200);
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** The statements that both sources received for one operation. */
async function statements(query: string): Promise<string[]> {
  let onGcp: string[] = [];
  const onAzure = await statementsOf(server.sources.AZURE, async () => {
    onGcp = await statementsOf(server.sources.GCP, async () => {
      const { errors } = await server.ask(query);
      expect(errors).toBeUndefined();
    });
  });
  return [...onAzure, ...onGcp];
}

it('reads patients and records of both clouds in two statements', async () => {
  const fields = 'nodes { firstName records { nodes { diagnosis } } }';
  expect(
    await statements(
      `{ azure: patients(source: AZURE, first: 20) { ${fields} } gcp: patients(source: GCP, first: 20) { ${fields} } }`,
    ),
  ).toHaveLength(2);
});

describe.each(sourceNames)('%s', (source) => {
  it.each([1, 20, 200])('reads %i patients with their records in one statement', async (first) => {
    expect(
      await statements(
        `{ patients(source: ${source}, first: ${first}) { nodes { firstName records { nodes { diagnosis } } } } }`,
      ),
    ).toHaveLength(1);
  });

  it('reads patients with a page of records by a filter and an order of its own in one statement', async () => {
    const treated =
      'records(first: 3, where: { treatment: { isNull: false } }, orderBy: [{ admissionDate: DESC }])';
    expect(
      await statements(
        `{ patients(source: ${source}, first: 20) { nodes { key ${treated} { nodes { diagnosis } } } } }`,
      ),
    ).toHaveLength(1);
  });

  it('counts the filters of a document anew with each request that has it', async () => {
    const keys = (length: number) => Array.from({ length }, (_, at) => at + 1);
    const list = `records(first: 1, where: { key: { in: [${keys(20)}] } }) { nodes { key } }`;
    const page = `patients(source: ${source}, first: 1, where: { key: { in: $keys } }) { nodes { key ${list} } }`;
    const query = `query ($keys: [Int!]) { ${['a', 'b', 'c', 'd', 'e'].map((name) => `${name}: ${page}`)} }`;
    const asked = async (length: number) =>
      (await server.ask(query, { keys: keys(length) })).errors?.[0]?.extensions.code;
    // An operation can have 5000 values in filters: five times 20, and five times those of the variable.
    expect(await asked(970)).toBeUndefined();
    expect(await asked(970)).toBeUndefined();
    expect(await asked(990)).toBe('OPERATION_TOO_COMPLEX');
  });

  it('joins children to their owners, and spends one statement on parents', async () => {
    expect(
      await statements(
        `{ patients(source: ${source}, first: 50) { edges { node { records { nodes { patient { records { nodes { diagnosis } } } } } } } } }`,
      ),
    ).toHaveLength(2);
  });

  it('spends none on the patient of a record where only the key is asked for', async () => {
    expect(
      await statements(
        `{ medicalRecords(source: ${source}) { nodes { diagnosis patient { id key source } } } }`,
      ),
    ).toHaveLength(1);
  });

  it('asks MySQL for the selected columns only', async () => {
    const [patients, ...more] = await statements(
      `{ patients(source: ${source}, first: 3) { nodes { firstName a: records { nodes { diagnosis } } b: records { nodes { treatment } } } } }`,
    );
    expect(more).toEqual([]);
    expect(patients).toMatchInlineSnapshot(
      `"select \`row\`.\`key\`, \`row\`.\`firstName\`, \`child\`.\`key\`, \`child\`.\`diagnosis\`, \`child\`.\`treatment\` from (select \`row\`.\`id\` as \`key\`, \`row\`.\`first_name\` as \`firstName\` from \`patients\` as \`row\` order by \`row\`.\`id\` asc limit ?) as \`row\` left join lateral (select /*+ INDEX(\`child\`) */ \`child\`.\`id\` as \`key\`, \`child\`.\`diagnosis\` as \`diagnosis\`, \`child\`.\`treatment\` as \`treatment\`, \`child\`.\`admission_date\` as \`order:admissionDate\` from \`medical_records\` as \`child\` where \`child\`.\`patient_id\` = \`row\`.\`key\` order by \`child\`.\`patient_id\` asc, \`child\`.\`admission_date\` asc, \`child\`.\`id\` asc limit ?) as \`child\` on true order by \`row\`.\`key\` asc, \`child\`.\`order:admissionDate\` asc, \`child\`.\`key\` asc"`,
    );
    const [records, parents] = await statements(
      `{ medicalRecords(source: ${source}, first: 3) { nodes { diagnosis patient { lastName } } } }`,
    );
    expect(records).toMatchInlineSnapshot(
      `"select \`row\`.\`id\` as \`key\`, \`row\`.\`diagnosis\` as \`diagnosis\`, \`row\`.\`patient_id\` as \`patient\` from \`medical_records\` as \`row\` order by \`row\`.\`id\` asc limit ?"`,
    );
    expect(parents).toMatchInlineSnapshot(
      `"select \`row\`.\`id\` as \`key\`, \`row\`.\`last_name\` as \`lastName\` from \`patients\` as \`row\` where \`row\`.\`id\` in (?)"`,
    );
  });

  it('reads a flat page in one statement, and a filtered one with its total in two', async () => {
    const flat = `patients(source: ${source}, first: 200) { nodes { key firstName lastName gender } }`;
    expect(await statements(`{ ${flat} }`)).toHaveLength(1);
    const filtered = `patients(source: ${source}, where: { lastName: { startsWith: "S" } }, orderBy: [{ dateOfBirth: ASC }])`;
    expect(await statements(`{ ${filtered} { totalCount nodes { key } } }`)).toHaveLength(2);
    expect(await statements(`{ ${filtered} { totalCount } }`)).toHaveLength(1);
    expect(
      await statements(`{ patientsAggregate(source: ${source}, groupBy: [gender]) { count min { key } } }`),
    ).toHaveLength(1);
  });

  it('finds rows by a parent’s key by the index of the foreign key, and looks up that the parent is there', async () => {
    const sent = await statements(
      `{ medicalRecords(source: ${source}, where: { doctor: { key: { eq: 1 } } }) { nodes { key doctor { key } } } }`,
    );
    expect(sent).toEqual([
      'select `row`.`id` as `key`, `doctor:1`.`id` as `doctor:key` from `medical_records` as `row` ' +
        'left join `doctors` as `doctor:1` on `row`.`doctor_id` = `doctor:1`.`id` ' +
        'where `row`.`doctor_id` = ? and `doctor:1`.`id` is not null order by `row`.`id` asc limit ?',
    ]);
  });

  it('needs no statement for an empty page', async () => {
    expect(
      await statements(`{ patients(source: ${source}, first: 0) { nodes { records { nodes { key } } } } }`),
    ).toEqual([]);
  });

  it('writes a row in one statement without a transaction, and reads the payload in one', async () => {
    const verbs = async (mutation: string) =>
      (await statements(`mutation { ${mutation} }`)).map((sql) => sql.split(' ', 1)[0]?.toLowerCase());
    const person = '{ firstName: "A", lastName: "B", dateOfBirth: "1999-01-01", gender: MALE }';
    const create = `createPatient(source: ${source}, input: ${person})`;
    const update = (more: string) =>
      `updatePatient(source: ${source}, key: 7, input: { firstName: "C" }${more})`;
    const last = await server.ask(`mutation { ${create} { patient { key } } }`);
    const { key } = last.data.createPatient.patient;
    expect(await verbs(`${create} { patient { key firstName } }`)).toEqual(['insert', 'select']);
    expect(await verbs(`${update('')} { patient { firstName } }`)).toEqual(['update', 'select']);
    const unchanged = ', expected: { firstName: "C" }';
    expect(await verbs(`${update(unchanged)} { patient { firstName } }`)).toEqual(['update', 'select']);
    expect(await verbs(`deletePatient(source: ${source}, key: ${key}) { key }`)).toEqual(['delete']);
  });

  it('makes no entity manager to write a row', async () => {
    const { em } = server.sources[source].orm;
    const fork = vi.spyOn(em, 'fork');
    const person = '{ firstName: "A", lastName: "B", dateOfBirth: "1999-01-01", gender: MALE }';
    const { data } = await server.ask(
      `mutation { createPatient(source: ${source}, input: ${person}) { patient { key } } }`,
    );
    const { key } = data.createPatient.patient;
    await server.ask(
      `mutation { updatePatient(source: ${source}, key: ${key}, input: { lastName: "C" }) { patient { key } } }`,
    );
    await server.ask(`mutation { deletePatient(source: ${source}, key: ${key}) { key } }`);
    await server.ask(
      `mutation { createPatients(source: ${source}, inputs: [${person}, ${person}]) { patients { key } } }`,
    );
    expect(fork).not.toHaveBeenCalled();
    fork.mockRestore();
  });

  it('finds the keys of a list by one row, and reads what follow each other by a range', async () => {
    const person = '{ firstName: "A", lastName: "B", dateOfBirth: "1999-01-01", gender: MALE }';
    const sent = await statements(
      `mutation { createPatients(source: ${source}, inputs: [${Array(40).fill(person)}]) { patients { key firstName } } }`,
    );
    const verbs = sent.map((sql) => sql.split(' ', 1)[0]?.toLowerCase());
    expect(verbs).toEqual(['start', 'insert', 'select', 'select', 'commit']);
    expect(sent[2]).toMatch(/^select count\(\*\)/);
    expect(sent[3]).toMatch(/`id` >= \? and .*`id` <= \?/);
  });

  it('writes and reads in one transaction where the payload takes more than a row', async () => {
    const sent = await statements(`mutation {
      createPatient(source: ${source}, input: { firstName: "A", lastName: "B", dateOfBirth: "1999-01-01", gender: MALE }) {
        patient { firstName records { nodes { key } } } } }`);
    const verbs = sent.map((sql) => sql.split(' ', 1)[0]?.toLowerCase());
    expect(verbs).toEqual(['begin', 'insert', 'select', 'commit']);
  });
});
