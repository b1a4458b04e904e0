import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { openParityClient } from '../../src/parity/client.ts';
import { nothingCompared } from '../../src/parity/compare-table.ts';
import { takeParityLock } from '../../src/parity/lock.ts';
import type { ParityReport, TableParity } from '../../src/parity/report.ts';
import { runParity } from '../../src/parity/run.ts';
import { beginRecord } from '../../src/parity/write-run-record.ts';
import { createDatabases } from '../helpers/databases.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import { createParityPair, type ParityPair, plantedRowsIn } from '../helpers/parity-pair.ts';
import { plants } from '../helpers/parity-plants.ts';
import { spawnTandem, tandem } from '../helpers/run-command-line.ts';
import { startServer } from '../helpers/server.ts';

/** GCP is a server of other settings. */
let pair: ParityPair;

const request = { tables: [], since: null, resume: false, throttle: 100, settleMs: 60 } as const;

beforeAll(async () => {
  pair = await createParityPair({ unlike: true });
});

afterAll(() => pair?.[Symbol.asyncDispose]());

describe('parity of planted differences', () => {
  const nameOf = (at: number) => `plant_${String(at).padStart(3, '0')}`;
  let report: ParityReport;

  beforeAll(async () => {
    for (const [at, one] of plants.entries()) await pair.plant(one, nameOf(at));
    report = await runParity(pair.clients, request);
  });

  it('compares every table, and calls all of them different', () => {
    expect(report.tables).toHaveLength(plants.length);
    expect(report).toMatchObject({ verdict: 'DIFFERENT', exitCode: exitCodes.parity.DIFFERENT });
    expect(plants.filter(({ found }) => found.length > 0).length).toBeGreaterThanOrEqual(60);
  });

  it.each(plants.map((one, at) => [one.what, one, nameOf(at)] as const))(
    'finds what was planted and no more: %s',
    (_, { found, verdict = found.length === 0 ? 'SAME' : 'DIFFERENT' }, name) => {
      const table = report.tables.find((one) => one.table === name) as TableParity;
      expect(plantedRowsIn(table)).toEqual(
        found.map(([kind, key, columns = '']) => [kind, key, columns]).sort(),
      );
      expect({ verdict: table.verdict, hot: table.hot }).toEqual({ verdict, hot: 0 });
    },
  );
});

describe('tandem parity', () => {
  const make = 'create table T (id int primary key, v varchar(20), at datetime not null)';
  const rows = "insert into T values (1, 'a', '2020-01-01'), (2, 'b', '2020-01-02'), (3, 'c', '2024-01-01')";
  const run = (...args: string[]) =>
    tandem(['parity', '--throttle', '100', '--settle', '50', ...args], pair.settings);

  beforeAll(async () => {
    for (const name of ['cli_same', 'cli_unlike'])
      await pair.plant({ what: '', make, both: [rows], found: [] }, name);
    await pair.run(
      ["update cli_unlike set v = 'x' where id = 2", 'delete from cli_unlike where id = 3'],
      ['GCP'],
    );
    await pair.run(['create table cli_alone (id int primary key)'], ['GCP']);
  });

  it('ends with 0 and SAME where both clouds hold the same', async () => {
    const { code, stdout } = await run('cli_same');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'cli_same  SAME       3 rows\nSAME\n' });
  });

  it('ends with 2 and names tables, keys and columns, and no values', async () => {
    const { code, stdout } = await run('cli_*');
    expect(code).toBe(2);
    expect(stdout).toBe(
      [
        'cli_alone   DIFFERENT  0 rows',
        '  Only GCP has this table.',
        'cli_same    SAME       3 rows',
        'cli_unlike  DIFFERENT  azure 3, gcp 2 rows: 1 row differs, 1 only on azure',
        '  id=2 differs in v',
        '  id=3 is only on azure',
        'DIFFERENT',
        '',
      ].join('\n'),
    );
  });

  it('prints JSON and JUnit', async () => {
    const json = JSON.parse((await run('cli_unlike', '--json')).stdout);
    expect(json).toMatchObject({ ok: false, exitCode: 2, verdict: 'DIFFERENT', unreachable: [] });
    expect(json.tables[0].differences[0]).toEqual({
      kind: 'DIFFERENT',
      key: { id: '2' },
      columns: ['v'],
      rows: { AZURE: 1, GCP: 1 },
    });
    const { stdout } = await run('cli_unlike', 'cli_same', '--junit');
    expect(stdout).toContain('<testsuite name="azure ↔ gcp" tests="2" failures="1" errors="0">');
    expect(stdout).toContain('type="DIFFERENT">id=2 differs in v&#10;id=3 is only on azure</failure>');
  });

  it('has the verdict PARTIAL and the code 4 where it compares a part, and finds what changed there', async () => {
    const since = await run('cli_same', '--since', 'at=2024-01-01');
    expect(since).toMatchObject({ code: exitCodes.parity.PARTIAL });
    expect(since.stdout).toContain('cli_same  PARTIAL    1 rows');
    const found = await run('cli_unlike', '--since', 'at=2024-01-01');
    expect(found.code).toBe(2);
    expect(found.stdout).toContain('id=3 is only on azure');
    expect(found.stdout).not.toContain('id=2');
  });

  it('refuses names that no table has, a time that is none, and options that do not go together, and says why', async () => {
    expect(await run('nowhere')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No table is called nowhere.'),
    });
    for (const [args, why] of [
      [['--since', 'at=yesterday'], 'It must be a column, or column=time'],
      [['cli_*', '--since', 'att'], 'No table that is compared has a column att of dates or times'],
      [['--throttle', '0'], 'It must be a whole number from 1 to 100'],
      [['--apply'], '--apply and --over belong to --repair.'],
      [['--repair', 'azure-to-gcp', '--resume'], '--repair takes neither --junit, --since nor --resume.'],
      [['--repair', 'both'], 'Allowed choices are azure-to-gcp, gcp-to-azure.'],
    ] as const)
      expect(await run(...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(why) });
  });

  it('ends with 3 where a cloud does not answer', async () => {
    const settings = { ...pair.settings, GCP_DB_PORT: '1' };
    const { code, stdout } = await tandem(['parity'], settings);
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringContaining('gcp  SOURCE_UNAVAILABLE') });
  });

  it('goes on with a run that was killed behind what it had settled', async () => {
    const { client, id } = await killedRun();
    const { code, stdout } = await run('--resume', '--json');
    const { tables, id: resumed } = JSON.parse(stdout);
    expect({ code, resumed }).toEqual({ code: 2, resumed: id });
    // Rows up to 2 were settled before: their difference is the record's, and no row of theirs is read again.
    expect(tables).toEqual([
      expect.objectContaining({ table: 'cli_same', verdict: 'SAME', rows: { AZURE: 99, GCP: 99 } }),
      expect.objectContaining({
        table: 'cli_unlike',
        onlyAzure: 1,
        different: 0,
        rows: { AZURE: 3, GCP: 2 },
      }),
    ]);
    const [run2] = await client.rows<{ state: string }>(
      `select state from tandem_parity_run where id = '${id}'`,
    );
    expect(run2?.state).toBe('DONE');
    expect((await run('--resume')).stderr).toContain('No run is left unfinished');
  });

  it('does not go on with a run that another process is at', async () => {
    const { client, id } = await killedRun();
    const lock = await takeParityLock(pair.clients);
    for (const args of [['--resume'], ['cli_same'], ['cli_same', '--repair', 'azure-to-gcp']])
      expect(await run(...args)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^ALREADY_RUNNING/),
      });
    if ('release' in lock) await lock.release();
    expect((await run('--resume', '--json')).stdout).toContain(id);
    await client.run("update tandem_parity_run set state = 'DONE'");
  });

  /** A run whose process is gone: cli_same is done, and of cli_unlike all up to id 2. */
  async function killedRun() {
    const client = pair.clients.AZURE;
    const record = await beginRecord(pair.clients, { tables: ['cli_same', 'cli_unlike'], since: null }, 2);
    if (record === null) throw new Error('There is no record.');
    const place = { values: ['2'], from: 'AZURE' } as const;
    await record.save({ ...nothingCompared('cli_same'), verdict: 'SAME', rows: { AZURE: 99, GCP: 99 } });
    await record.save({ ...nothingCompared('cli_unlike'), rows: { AZURE: 2, GCP: 2 }, position: place });
    await client.run('update tandem_parity_run set seen_at = seen_at - interval 60 second where id = ?', [
      record.id,
    ]);
    return { client, id: record.id };
  }

  it('runs as a process of its own', async () => {
    const { code } = await spawnTandem(['parity', 'cli_same', '--settle', '50'], pair.settings);
    expect(code).toBe(0);
  });
});

describe('the query parity', () => {
  it('has the last run, with its tables as far as they are', async () => {
    await using server = await startServer(pair.config);
    const record = await beginRecord(pair.clients, { tables: ['a', 'b'], since: null }, 2);
    const difference = {
      kind: 'DIFFERENT',
      key: { id: '7' },
      columns: ['v'],
      rows: { AZURE: 1, GCP: 1 },
    } as const;
    await record?.save({
      ...nothingCompared('a'),
      verdict: 'DIFFERENT',
      different: 1,
      differences: [difference],
    });
    await record?.save({ ...nothingCompared('b'), rows: { AZURE: 5, GCP: 6 } });
    const document =
      '{ parity { id state verdict isWhole requestedTables startedAt endedAt progress { tables tablesDone rows differences } tables { table verdict rowsGcp different differences { kind key { column value } columns } } } }';
    const before = await server.ask(document);
    expect(before.data?.parity).toMatchObject({
      id: record?.id,
      state: 'RUNNING',
      verdict: null,
      isWhole: false,
      requestedTables: ['a', 'b'],
      progress: { tables: 2, tablesDone: 1, rows: 6, differences: 1 },
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      endedAt: null,
      tables: [
        {
          table: 'a',
          verdict: 'DIFFERENT',
          different: 1,
          differences: [{ kind: 'DIFFERENT', key: [{ column: 'id', value: '7' }], columns: ['v'] }],
        },
        { table: 'b', verdict: null, rowsGcp: 6 },
      ],
    });
    await record?.end('DIFFERENT');
    const after = await server.ask('{ parity { state verdict } }');
    expect(after.data?.parity).toEqual({ state: 'DONE', verdict: 'DIFFERENT' });
  });

  it('is null where no run was', async () => {
    await using others = await createDatabases({ migrated: false });
    await using server = await startServer(others.config);
    expect(await server.ask('{ parity { id } }')).toMatchObject({ data: { parity: null } });
  });
});

it('compares rows and values that are longer than max_allowed_packet', async () => {
  await using server = await startOwnServer({ more: ['--max-allowed-packet=4M'] });
  const others = { ...server.config, name: 'others' };
  for (const sql of ['create database others', "grant all on others.* to 'tandem_migrator'@'%'"])
    await server.sql(sql);
  for (const name of ['tandem', 'others'])
    for (const sql of [
      `create table ${name}.large (id int primary key, a mediumtext, b mediumblob, c longtext)`,
      `insert into ${name}.large values (1, repeat('x', 700000), repeat('y', 700000), repeat('z', 700000))`,
      `insert into ${name}.large values (2, repeat('x', 3000000), null, null), (3, null, null, '')`,
    ])
      await server.sql(sql);
  await server.sql("update others.large set c = concat(repeat('z', 699999), 'x') where id = 1");
  await server.sql("update others.large set a = concat(repeat('x', 2999999), 'y') where id = 2");
  await server.sql('set global max_allowed_packet = 1048576');
  const config = { ...pair.config, databases: { AZURE: server.config, GCP: others } };
  await using azure = await openParityClient('AZURE', config);
  await using gcp = await openParityClient('GCP', config);
  const { tables } = await runParity({ AZURE: azure, GCP: gcp }, request);
  expect(tables.map(plantedRowsIn)).toEqual([
    [
      ['DIFFERENT', 'id=1', 'c'],
      ['DIFFERENT', 'id=2', 'a'],
    ],
  ]);
});
