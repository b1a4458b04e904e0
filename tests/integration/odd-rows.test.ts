import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// Rows that no write of ours makes: their parents are gone, or their columns hold what the entity does not have.

let databases: TestDatabases;
let server: TestServer;

beforeAll(async () => {
  databases = await createDatabases();
  const database = databases.config.databases.AZURE;
  const connection = await connect(database, database.migrator);
  await connection.query("set session sql_mode = ''");
  await connection.query('set session foreign_key_checks = 0');
  await connection.query('alter table patients modify last_name varchar(50) null');
  await connection.query("insert into doctors values (1, 'D', 'One', null, 'L1')");
  for (let key = 1; key <= 12; key++) {
    const lastName = key % 3 === 0 ? null : `N${key % 2}`;
    const day = ['0000-00-00', '2000-01-01', '2000-00-15', '1999-12-31'][key % 4];
    const gender = ['', 'MALE', 'FEMALE'][key % 3];
    await connection.query('insert ignore into patients values (?, ?, ?, ?, ?, null)', [
      key,
      'F',
      lastName,
      day,
      gender,
    ]);
  }
  await connection.query(`insert into medical_records values
    (1, 1, 'has both', null, '2020-01-01', null, 1), (2, 1, 'no doctor', null, '2020-01-01', null, null),
    (3, 1, 'a doctor that is gone', null, '2020-01-01', null, 99), (4, 98, 'a patient who is gone', null, '2020-01-01', null, 1)`);
  await connection.end();
  server = await startServer(databases.config);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

describe('a row whose parent is gone', () => {
  const ask = (fields: string) => server.ask(`{ medicalRecords(source: AZURE) { nodes { key ${fields} } } }`);

  it.each([
    ['key', { key: 1 }],
    ['id', { id: expect.any(String) }],
    ['source', { source: 'AZURE' }],
    ['lastName', { lastName: 'One' }],
    ['__typename', { __typename: 'Doctor' }],
    ['key records { nodes { key } }', { key: 1, records: { nodes: [{ key: 1 }, { key: 4 }] } }],
  ])('has no parent, whatever is asked of it: %s', async (field, one) => {
    const { data, errors } = await ask(`doctor { ${field} }`);
    expect(errors).toBeUndefined();
    expect(data.medicalRecords.nodes).toEqual([
      { key: 1, doctor: one },
      { key: 2, doctor: null },
      { key: 3, doctor: null },
      { key: 4, doctor: one },
    ]);
  });

  it('has none in a list, either', async () => {
    const { data, errors } = await server.ask(
      '{ patient(source: AZURE, key: 1) { records { nodes { key doctor { key } patient { key } } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.patient.records.nodes.map(({ doctor, patient }: never) => [doctor, patient])).toEqual([
      [{ key: 1 }, { key: 1 }],
      [null, { key: 1 }],
      [null, { key: 1 }],
    ]);
  });

  it.each(['key', 'id', 'lastName'])(
    'is an error of its own where it must have one, and the others stand: %s',
    async (field) => {
      const { data, errors } = await ask(`patient { ${field} }`);
      expect(data.medicalRecords.nodes.map((row: { key: number } | null) => row?.key ?? null)).toEqual([
        1,
        2,
        3,
        null,
      ]);
      expect(errors).toEqual([
        expect.objectContaining({
          message: `The patient of MedicalRecord 4 (id ${Buffer.from('AZURE:MedicalRecord:4').toString('base64url')}) is not there, which it must be.`,
          path: ['medicalRecords', 'nodes', 3, 'patient'],
          extensions: expect.objectContaining({ code: 'UNREADABLE_VALUE', source: 'AZURE' }),
        }),
      ]);
    },
  );

  it('takes one statement where no more than its parents’ keys are asked for', async () => {
    const sent = await statementsOf(server.sources.AZURE, async () => {
      await ask('doctor { key } patient { id }');
    });
    expect(sent).toHaveLength(1);
  });
});

describe('a filter of a row whose parent is gone', () => {
  const hasDoctor = { diagnosis: { eq: 'has both' } };
  const keysOf = async (list: string, type: string, where: unknown) => {
    const { data, errors } = await server.ask(
      `query ($w: ${type}Where) { ${list}(source: AZURE, where: $w) { totalCount nodes { key } }
        ${list}Aggregate(source: AZURE, where: $w) { count } }`,
      { w: where },
    );
    expect(errors).toBeUndefined();
    const keys = data[list].nodes.map(({ key }: { key: number }) => key);
    expect([data[list].totalCount, data[`${list}Aggregate`][0].count]).toEqual([keys.length, keys.length]);
    return keys;
  };

  it.each([
    [{ doctor: { key: { eq: 99 } } }, []],
    [{ doctor: { key: { in: [1, 99] } } }, [1, 4]],
    [{ doctor: { key: { ne: 1 } } }, []],
    [{ doctor: { key: { notIn: [7] } } }, [1, 4]],
    [{ doctor: { key: { gt: 1 } } }, []],
    [{ not: { doctor: { key: { eq: 1 } } } }, []],
    [{ not: { doctor: { key: { gt: 1 } } } }, [1, 4]],
    [{ doctor: { key: { isNull: true } } }, [2, 3]],
    [{ doctor: { key: { isNull: false } } }, [1, 4]],
    [{ not: { doctor: { key: { isNull: false } } } }, [2, 3]],
    [{ doctor: { key: { isNull: true }, lastName: { isNull: true } } }, [2, 3]],
    [{ doctor: { lastName: { isNull: true } } }, [2, 3]],
    [{ or: [{ doctor: { key: { eq: 99 } } }, hasDoctor] }, [1]],
    [{ and: [{ doctor: { key: { eq: 1 } } }, { doctor: { key: { ne: 99 } } }] }, [1, 4]],
    [{ doctor: { or: [{ key: { eq: 99 } }, { lastName: { eq: 'One' } }] } }, [1, 4]],
    [{ doctor: { records: { none: {} } } }, [2, 3]],
    [{ doctor: { records: { some: {} } } }, [1, 4]],
    [{ doctor: { records: { some: { doctor: { key: { isNull: true } } } } } }, []],
    // Of a patient who must be there, too.
    [{ patient: { key: { eq: 98 } } }, []],
    [{ patient: { key: { isNull: true } } }, [4]],
    [{ patient: { firstName: { isNull: true } } }, [4]],
    [{ or: [{ patient: { firstName: { eq: 'F' } } }, { doctor: { key: { eq: 1 } } }] }, [1, 2, 3, 4]],
    [{ or: [{ patient: { firstName: { eq: 'nobody' } } }, { key: { eq: 4 } }] }, [4]],
    [{ patient: { records: { none: {} } } }, [4]],
    [{ patient: { records: { every: { doctor: { key: { ne: 1 } } } } } }, [4]],
  ])('sees what is read: records where %j', async (where, keys) => {
    expect(await keysOf('medicalRecords', 'MedicalRecord', where)).toEqual(keys);
  });

  it.each([
    [{ records: { some: { doctor: { key: { eq: 99 } } } } }, []],
    [{ records: { some: { doctor: { key: { isNull: true } } } } }, [1]],
    [{ records: { none: { doctor: { key: { gt: 1 } } } }, key: { lt: 3 } }, [1, 2]],
    [{ records: { every: { doctor: { key: { isNull: false } } } }, key: { lt: 3 } }, [2]],
    [{ records: { every: { doctor: { key: { ne: 1 } } } }, key: { lt: 3 } }, [2]],
    [{ records: { some: { or: [{ patient: { lastName: { eq: 'x' } } }, hasDoctor] } } }, [1]],
  ])('sees what is read: patients where %j', async (where, keys) => {
    expect(await keysOf('patients', 'Patient', where)).toEqual(keys);
  });

  it.each([
    [{ records: { some: { patient: { key: { eq: 98 } } } } }, []],
    [{ records: { some: { patient: { key: { isNull: true } } } } }, [1]],
    [{ records: { some: { patient: { firstName: { isNull: true } } } } }, [1]],
    [{ records: { every: { patient: { key: { eq: 1 } } } } }, [1]],
    [{ records: { every: { patient: { key: { isNull: false } } } } }, []],
    [{ records: { some: { or: [{ patient: { firstName: { eq: 'x' } } }, { key: { eq: 4 } }] } } }, [1]],
  ])('sees what is read: doctors where %j', async (where, keys) => {
    expect(await keysOf('doctors', 'Doctor', where)).toEqual(keys);
  });
});

describe('pages', () => {
  it.each(
    ['lastName', 'dateOfBirth', 'gender'].flatMap((name) =>
      ['ASC', 'DESC'].map((way) => [name, way] as const),
    ),
  )('visit each row once where %s (%s) is null, a date of zeros or no item', async (name, way) => {
    for (const [size, from, more, cursor] of [
      ['first', 'after', 'hasNextPage', 'endCursor'],
      ['last', 'before', 'hasPreviousPage', 'startCursor'],
    ] as const) {
      const keys: number[] = [];
      let place: string | null = null;
      for (let page = 0; page < 20; page++) {
        const { data, errors } = await server.ask(
          `query ($c: String) { patients(source: AZURE, orderBy: [{ ${name}: ${way} }], ${size}: 1, ${from}: $c) {
              nodes { key } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
          { c: place },
        );
        expect(errors).toBeUndefined();
        keys.push(...data.patients.nodes.map(({ key }: { key: number }) => key));
        if (!data.patients.pageInfo[more]) break;
        place = data.patients.pageInfo[cursor];
      }
      const whole = await server.ask(
        `{ patients(source: AZURE, orderBy: [{ ${name}: ${way} }]) { nodes { key } } }`,
      );
      const expected = whole.data.patients.nodes.map(({ key }: { key: number }) => key);
      expect(expected).toHaveLength(12);
      expect(keys).toEqual(size === 'first' ? expected : expected.toReversed());
    }
  });
});
