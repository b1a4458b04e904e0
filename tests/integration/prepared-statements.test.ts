import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { openSource, type Source } from '../../src/sources/source.ts';
import { pool, testConfig } from '../helpers/databases.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { oddTexts } from '../helpers/odd-texts.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const native = await hasNativeServer();

let own: OwnServer;
let server: TestServer;
/** Of one connection, beside that of the pool itself. */
let source: Source;

beforeAll(async () => {
  if (!native) return;
  own = await startOwnServer();
  await migrateUp('AZURE', own.config, pool);
  server = await startServer({
    ...testConfig({ AZURE: own.config, GCP: own.config }),
    pool: { ...pool, max: 2 },
  });
  await own.sql(`insert into tandem.patients (id, first_name, last_name, date_of_birth, gender)
    select n, concat('No. ', n), 'Many', '2000-01-01', 'other' from (
      with recursive numbers as (select 1 as n union all select n + 1 from numbers where n < 400) select n from numbers) n`);
});
beforeEach(async () => {
  if (native) source = await openSource('AZURE', own.config, { ...pool, max: 2 });
  return () => source?.close();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await own?.[Symbol.asyncDispose]();
});

async function status(name: string): Promise<number> {
  const [row] = await own.sql<{ Value: string }>(`show global status like '${name}'`);
  return Number(row?.Value);
}

const preparedNow = () => status('Prepared_stmt_count');

describe.skipIf(!native)('prepared statements', () => {
  it('are few for lists of many lengths', async () => {
    const before = await preparedNow();
    for (let length = 1; length <= 150; length++) {
      const keys = Array.from({ length }, (_, at) => at + 1);
      const { data, errors } = await server.ask(
        `query($keys: [Int!]!) {
          in: patients(source: AZURE, where: { key: { in: $keys } }) { totalCount }
          rest: patients(source: AZURE, where: { key: { notIn: $keys } }) { totalCount } }`,
        { keys },
      );
      expect([errors, data.in.totalCount, data.rest.totalCount]).toEqual([undefined, length, 400 - length]);
    }
    // 1, 2, 4, … 256, in two statements.
    expect((await preparedNow()) - before).toBeLessThanOrEqual(18);
  });

  it('that one session keeps are at most a hundred, those used last; the others are closed', async () => {
    const before = await preparedNow();
    const ask = (at: number) =>
      source.rows<{ n: number }>({ sql: `select ? as n /* ${at} */`, params: [at] });
    for (let at = 0; at < 300; at++) {
      expect(await ask(at)).toEqual([{ n: at }]);
      await ask(0);
    }
    expect((await preparedNow()) - before).toBeLessThanOrEqual(101);
    const made = await status('Com_stmt_prepare');
    await ask(0);
    await ask(299);
    expect((await status('Com_stmt_prepare')) - made).toBe(0);
  });

  it('of many values are closed when they have run', async () => {
    const before = await preparedNow();
    for (const length of [2000, 4000, 8000]) {
      const params = Array.from({ length }, (_, at) => at);
      const sql = `select count(*) as n from patients where id in (${params.map(() => '?').join()})`;
      expect(await source.rows({ sql, params })).toEqual(
        [{ n: 400 }].map(({ n }) => ({ n: Math.min(n, length - 1) })),
      );
    }
    await expect.poll(preparedNow).toBe(before);
  });

  it('are none where there are more values than one can have: reads and writes go on', async () => {
    const params = Array.from({ length: 70_000 }, (_, at) => at);
    const sql = `select count(*) as n from patients where id in (${params.map(() => '?').join()})`;
    expect(await source.rows({ sql, params })).toEqual([{ n: 400 }]);
    expect(await source.write((em) => em.execute(sql, params))).toEqual([{ n: 400 }]);
  });
});

describe.skipIf(!native)('a column of another character set', () => {
  it('compared with a character that it lacks, is the client’s error and no fault of the server', async () => {
    await own.sql('create table tandem.old (id int primary key, a varchar(9) character set latin1)');
    const asking = source.rows({ sql: 'select id from old where a = ?', params: ['語'] });
    await expect(asking).rejects.toMatchObject({ code: 'BAD_USER_INPUT', extensions: { retryable: false } });
    await own.sql('drop table tandem.old');
  });
});

describe.skipIf(!native)('where the server takes no more prepared statements', () => {
  const full = async (work: () => Promise<void>) => {
    await own.sql('set global max_prepared_stmt_count = 0');
    try {
      await work();
    } finally {
      await own.sql('set global max_prepared_stmt_count = 16382');
    }
  };

  it('texts are texts all the same, in reads and in writes', () =>
    full(async () => {
      for (const text of oddTexts) {
        expect(await source.rows({ sql: 'select ? as text', params: [text] })).toEqual([{ text }]);
        expect(await source.write((em) => em.execute('select ? as text', [text]))).toEqual([{ text }]);
      }
    }));

  it('values of every type come as they do from a prepared one', async () => {
    await own.sql(`create table tandem.types (id int primary key, b bigint, u bigint unsigned, t tinyint(1), d decimal(20,5),
      f float, g double, day date, at datetime(3), ts timestamp(6) null, clock time(2), y year, c char(5), v varchar(50), x text,
      e enum('a','b'), s set('a','b'), j json, bits bit(9), bin varbinary(9), bl blob)`);
    await own.sql(`insert into tandem.types values
      (1, 9007199254740993, 18446744073709551615, 1, 12345.67890, 0.1, 0.1, '2024-02-29', '2024-02-29 23:59:59.120',
       '2024-02-29 23:59:59.123450', '-12:34:56.70', 2024, 'a', 'ü', '😀', 'b', 'a,b', '{"a": [1, "x"]}', b'101', x'00ff', x'00ff'),
      (2, -1, 0, 0, -0.5, 1.5, 1e300, '1000-01-01', '1000-01-01 00:00:00', null, '00:00:00', 1901, '', '', '', 'a', '', 'null', b'0', '', ''),
      (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)`);
    const read = () => source.arrays({ sql: 'select * from types where id > ? order by id', params: [0] });
    const prepared = await read();
    await source.close();
    await full(async () => {
      source = await openSource('AZURE', own.config, { ...pool, max: 2 });
      expect(await read()).toEqual(prepared);
    });
    await own.sql('drop table tandem.types');
  });

  it('it prepares again soon after there is room', async () => {
    const ask = () => source.rows({ sql: 'select ? as n', params: [1] });
    await full(async () => expect(await ask()).toEqual([{ n: 1 }]));
    await expect
      .poll(
        async () => {
          const before = await preparedNow();
          await ask();
          await ask();
          return (await preparedNow()) - before;
        },
        { timeout: 5000, interval: 300 },
      )
      .toBe(1);
  });
});
