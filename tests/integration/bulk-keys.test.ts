import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { pool, testConfig } from '../helpers/databases.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { killSessions } from '../helpers/sessions.ts';

const native = await hasNativeServer();

/** How InnoDB gives keys to those who insert at the same time: one INSERT at a time, blocks of them, or interleaved. */
describe.skipIf(!native).each([0, 1, 2])('the keys of a list, under innodb_autoinc_lock_mode %i', (mode) => {
  let own: OwnServer;
  let server: TestServer;

  beforeAll(async () => {
    own = await startOwnServer({ more: [`--innodb-autoinc-lock-mode=${mode}`] });
    await migrateUp('AZURE', own.config, pool);
    await own.sql("grant session_variables_admin on *.* to 'tandem'@'%'");
    await own.sql('use tandem');
    server = await startServer(testConfig({ AZURE: own.config, GCP: own.config }));
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await own?.[Symbol.asyncDispose]();
  });

  const person = { lastName: 'B', dateOfBirth: '2000-01-01', gender: 'OTHER' };
  const stay = { admissionDate: '2024-05-01' };
  let lists = 0;

  /** Writes a list, and looks at whether its rows are those of the answer. */
  async function writeList(rows: number): Promise<number[]> {
    const list = `L${++lists}-`;
    const inputs = Array.from({ length: rows }, (_, n) => ({
      ...person,
      firstName: list + n,
      records: [{ ...stay, diagnosis: list + n }],
    }));
    const { data, errors } = await server.ask(
      `mutation ($inputs: [CreatePatientInput!]!) {
        createPatients(source: AZURE, inputs: $inputs) { patients { key firstName records { nodes { diagnosis } } } } }`,
      { inputs },
    );
    expect(errors).toBeUndefined();
    const { patients } = data.createPatients as {
      patients: { key: number; firstName: string; records: { nodes: { diagnosis: string }[] } }[];
    };
    expect(patients.map(({ firstName }) => firstName)).toEqual(inputs.map(({ firstName }) => firstName));
    expect(patients.map(({ records }) => records.nodes)).toEqual(
      inputs.map(({ firstName }) => [{ diagnosis: firstName }]),
    );
    return patients.map(({ key }) => key);
  }

  const distances = (keys: readonly number[]) =>
    new Set(keys.slice(1).map((key, index) => key - (keys[index] as number)));
  const many = (count: number) => Array.from({ length: count }, (_, n) => writeList(2 + (n % 7)));
  const setEach = (value: number, offset: number) =>
    // As many as the pool has, at the same time: each on a connection of its own.
    Promise.all(
      Array.from({ length: 19 }, () =>
        server.sources.AZURE.write(async (em) => {
          await em.execute(
            `set session auto_increment_increment = ${value}, auto_increment_offset = ${offset}`,
          );
          await em.execute('select sleep(0.1)');
        }),
      ),
    );

  it('are those that were given, beside others who insert', async () => {
    await Promise.all(many(40));
  });

  it('are those that were given when auto_increment_increment changes in the sessions', async () => {
    expect(distances(await writeList(5))).toEqual(new Set([1]));
    for (const [value, offset] of [
      [7, 3],
      [3, 10],
      [1, 1],
      [65_535, 1],
    ] as const) {
      await setEach(value, offset);
      expect(distances(await writeList(5))).toEqual(new Set([value]));
      await Promise.all(many(10));
    }
    await setEach(1, 1);
  });

  it('are those that were given when it changes on the server, between one connection and the next', async () => {
    await own.sql('set global auto_increment_increment = 5');
    await own.sql('set global auto_increment_offset = 2');
    const [rows] = [
      await own.sql<{ id: number }>("select id from information_schema.processlist where user = 'tandem'"),
    ];
    // Half of them: the others keep the old increment.
    await killSessions(
      own.sql,
      rows.slice(0, Math.floor(rows.length / 2)).map(({ id }) => id),
    );
    // Those that are left serve all of them, until new ones have come about.
    const seen = new Set<number>();
    const write = async () => {
      for (const list of await Promise.all(many(30)))
        for (const distance of distances(list)) seen.add(distance);
      return seen;
    };
    await expect.poll(write, { timeout: 30_000 }).toEqual(new Set([1, 5]));
    await own.sql('set global auto_increment_increment = 1');
    await own.sql('set global auto_increment_offset = 1');
  });

  it('are those that were given where the table has a trigger, which lets keys of others come between', async () => {
    await own.sql('create trigger seen before insert on patients for each row set @seen = sleep(0.001)');
    const keys = await Promise.all(many(40));
    if (mode > 0) expect(Math.max(...keys.flatMap((list) => [...distances(list)]))).toBeGreaterThan(1);
    await own.sql('drop trigger seen');
  });

  it('are not guessed where a trigger chooses them: nothing is written', async () => {
    await own.sql(
      'create trigger chosen before insert on patients for each row set new.id = 1000000000 + rand() * 1000000',
    );
    const mutation = (count: number) =>
      server.ask(
        'mutation ($inputs: [CreatePatientInput!]!) { createPatients(source: AZURE, inputs: $inputs) { patients { key firstName } } }',
        { inputs: Array.from({ length: count }, (_, n) => ({ ...person, firstName: `Chosen ${n}` })) },
      );
    const there = () => own.sql("select id, first_name from patients where first_name like 'Chosen%'");
    for (let time = 0; time < 8; time++) {
      const { errors } = await mutation(2);
      expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false } }]);
    }
    expect(await there()).toEqual([]);
    // Of one row, MySQL tells the key, whoever chose it.
    const { data } = await mutation(1);
    const [{ key, firstName }] = data.createPatients.patients;
    expect(await there()).toEqual([{ id: key, first_name: firstName }]);
    await own.sql('drop trigger chosen');
  });
});
