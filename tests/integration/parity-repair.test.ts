import { hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAuditClient } from '../../src/audit/client.ts';
import { installTrail } from '../../src/audit/install.ts';
import { sealTrail } from '../../src/audit/sealer.ts';
import { verifyTrail } from '../../src/audit/verify.ts';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { openParityClient } from '../../src/parity/client.ts';
import { compareTable, nothingCompared } from '../../src/parity/compare-table.ts';
import type { ConfirmedDifference } from '../../src/parity/difference.ts';
import { openPair } from '../../src/parity/open-pair.ts';
import { applyRepair } from '../../src/parity/repair/apply-repair.ts';
import { type RepairReport, runRepair } from '../../src/parity/repair/repair.ts';
import { directions, operationOf } from '../../src/parity/repair/row-operation.ts';
import { paceOf } from '../../src/parity/throttle.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import { createParityPair, type ParityPair } from '../helpers/parity-pair.ts';
import { plants } from '../helpers/parity-plants.ts';
import { startTandem, tandem } from '../helpers/run-command-line.ts';

let pair: ParityPair;

beforeAll(async () => {
  pair = await createParityPair();
});

afterAll(() => pair?.[Symbol.asyncDispose]());

const request = { direction: 'azure-to-gcp', apply: true, over: [], throttle: 100, settleMs: 40 } as const;
const repair = (tables: string, more: object = {}) =>
  runRepair(pair.clients, { ...request, tables: [tables], ...more });

const same = { verdict: 'SAME', exitCode: exitCodes.parity.SAME };
const counts = ({ tables }: RepairReport) =>
  tables.map(({ table, inserts, updates, deletes }) => [table, inserts, updates, deletes]);

/** GCP has an ENUM there that is none of its items. */
const notWritten = 'an ENUM’s empty item and what is none of its items';

/** The other way under TANDEM_LONG. */
const ways =
  process.env.TANDEM_LONG === '1' ? (['azure-to-gcp', 'gcp-to-azure'] as const) : (['azure-to-gcp'] as const);

describe.each(ways)('a repair %s', (direction) => {
  const prefix = direction.replaceAll('-', '_');
  const repaired = plants.filter(({ make }) => typeof make === 'string');
  let report: RepairReport;

  beforeAll(async () => {
    for (const [at, one] of repaired.entries()) await pair.plant(one, `${prefix}_${at}`);
    report = await repair(`${prefix}_*`, { direction });
  });

  it('is refused nothing but what no strict server writes', () => {
    const named = report.applied?.left.map(({ operation: { pair: table, key }, why }) => [
      table.name,
      key,
      why,
    ]);
    const odd = repaired.findIndex(({ what }) => what === notWritten);
    const left =
      direction === 'azure-to-gcp' ? [] : [[`${prefix}_${odd}`, { id: '2' }, 'MySQL refused it (1265).']];
    expect({ refusals: report.refusals, named }).toEqual({ refusals: [], named: left });
  });

  const written = repaired.filter(({ what }) => direction === 'azure-to-gcp' || what !== notWritten);

  it.each(written.map((one) => [one.what, one, repaired.indexOf(one)] as const))(
    'makes both equal: %s',
    (_, { found }, at) => {
      const table = report.after?.tables.find(({ table }) => table === `${prefix}_${at}`);
      const hasKey = found[0] !== undefined && found[0][1] !== null;
      if (hasKey) expect(table).toMatchObject({ verdict: 'SAME', differences: [] });
      else if (found.length > 0)
        expect(report.tables.find((one) => one.table === `${prefix}_${at}`)?.withoutKey).toBeGreaterThan(0);
      else expect(table).toBeUndefined();
    },
  );
});

describe('a repair', () => {
  it('writes nothing unless it is applied, and shows what would be lost', async () => {
    await pair.plant(
      {
        what: '',
        make: 'create table T (id int primary key, v int)',
        azure: ['insert into T values (1, 1), (2, 2), (3, 3)'],
        gcp: ['insert into T values (2, 9), (4, 4), (5, 5)'],
        found: [],
      },
      'planned',
    );
    const settings = pair.settings;
    const args = ['parity', 'planned', '--repair', 'azure-to-gcp', '--settle', '40', '--throttle', '100'];
    const plan = await tandem(args, settings);
    expect(plan.code).toBe(2);
    expect(plan.stdout).toBe(
      [
        'azure-to-gcp: the plan',
        '  planned  2 inserted, 1 overwritten, 2 deleted on gcp',
        '    inserts id=1',
        '    overwrites v of id=2',
        '    inserts id=3',
        '    deletes id=4',
        '    deletes id=5',
        'Nothing was written. Next: read the plan of 5 statements, then add --apply.',
        '',
      ].join('\n'),
    );
    expect(await pair.rows('GCP', 'select id, v from planned order by id')).toHaveLength(3);

    const applied = await tandem([...args, '--apply'], settings);
    expect(applied.code).toBe(0);
    expect(applied.stdout).toContain('Compared again: SAME');
    expect(await pair.rows('GCP', 'select id, v from planned order by id')).toEqual(
      await pair.rows('AZURE', 'select id, v from planned order by id'),
    );
    // The audit trail: what was done to which row, by which account.
    expect(
      await pair.rows(
        'GCP',
        "select action, cast(row_key as char) as row_key, account = current_user() as ours from tandem_parity_repair where table_name = 'planned' order by action, id",
      ),
    ).toEqual([
      { action: 'DELETE', row_key: '{"id": "4"}', ours: 1 },
      { action: 'DELETE', row_key: '{"id": "5"}', ours: 1 },
      { action: 'INSERT', row_key: '{"id": "1"}', ours: 1 },
      { action: 'INSERT', row_key: '{"id": "3"}', ours: 1 },
      { action: 'UPDATE', row_key: '{"id": "2"}', ours: 1 },
    ]);
  });

  it('inserts parents first and deletes children first', async () => {
    await pair.run([
      'create table fam_z (id int primary key, v int)',
      'create table fam_a (id int primary key, z int not null, foreign key (z) references fam_z (id))',
    ]);
    await pair.run(
      ['insert into fam_z values (1, 1), (2, 2)', 'insert into fam_a values (1, 1), (2, 2)'],
      ['AZURE'],
    );
    await pair.run(
      ['insert into fam_z values (1, 1), (3, 3)', 'insert into fam_a values (1, 3), (3, 3)'],
      ['GCP'],
    );
    const report = await repair('fam_*');
    expect(counts(report)).toEqual([
      ['fam_a', 1, 1, 1],
      ['fam_z', 1, 0, 1],
    ]);
    expect(report.applied?.left).toEqual([]);
    expect(report.after).toMatchObject(same);
  });

  it('lets rows exchange unique values', async () => {
    await pair.run([
      'create table swap_n (id int primary key, code varchar(9) unique)',
      'create table swap_t (id int primary key, code varchar(9) not null unique, n int not null, unique (n))',
      'create table swap_m (id int primary key, a int not null, b int not null, unique (a, b))',
    ]);
    for (const [source, by] of [
      ['AZURE', 0],
      ['GCP', 1],
    ] as const)
      await pair.run(
        [
          `insert into swap_n select i, concat('c', (i + ${by}) % 5) from (select 0 as i union all select 1 union all select 2 union all select 3 union all select 4) r`,
          `insert into swap_t select i, concat('c', (i + ${by}) % 5), (i + ${2 * by}) % 5 from (select 0 as i union all select 1 union all select 2 union all select 3 union all select 4) r`,
          `insert into swap_m values (1, 1, ${1 + by}), (2, 1, ${2 - by})`,
        ],
        [source],
      );
    const report = await repair('swap_*');
    expect(report.applied?.left).toEqual([]);
    expect(report.after).toMatchObject(same);
  });

  it.each([
    ['date', "'2020-01-01'", "'9999-12-31'", "'2020-01-03'"],
    ['timestamp(6)', "'2020-01-01'", "'2038-01-19 03:14:07'", "'2020-01-03'"],
    ['time', "'00:00:00'", "'838:59:59'", "'-838:59:59'"],
    ['year', '1901', '2155', '2000'],
    ["enum('a','b','c')", "'a'", "'b'", "'c'"],
    ["set('a','b')", "'a'", "'b'", "'a,b'"],
    ['tinyint unsigned', '0', '255', '7'],
    ['bigint unsigned', '0', '18446744073709551615', '7'],
    ['bit(2)', '0', '3', '1'],
    ['double', '0', '1e300', '-1e300'],
    ['decimal(2,1)', '-9.9', '9.9', '0'],
    ['char(1)', "'a'", "'b'", "'0'"],
    ["char(3) check (n in ('AAA', 'BBB', 'CCC'))", "'AAA'", "'BBB'", "'CCC'"],
  ])('lets three rows exchange unique values in a circle: %s', async (type, a, b, c) => {
    // Where other rows refer to the row, it cannot be made anew.
    const isFree = !/enum|set|check|^bigint|^bit/.test(type);
    await pair.run([
      'drop table if exists round_child, round',
      `create table round (id int primary key, n ${type.replace(/(?= check|$)/, ' not null unique')}, g int as (id * 2))`,
      'create table round_child (id int primary key, r int not null, foreign key (r) references round (id))',
    ]);
    await pair.run([`insert into round (id, n) values (1, ${a}), (2, ${b}), (3, ${c})`], ['AZURE']);
    await pair.run([`insert into round (id, n) values (1, ${b}), (2, ${c}), (3, ${a})`], ['GCP']);
    if (isFree) await pair.run(['insert into round_child values (1, 1), (2, 2), (3, 3)']);
    const report = await repair('round*');
    expect(report.applied?.left).toEqual([]);
    expect(report.after).toMatchObject(same);
  });

  it('lets rows exchange values that a computed column, or an expression, is unique by', async () => {
    await pair.run([
      'create table made_g (id int primary key, a int not null, g int as (a * 2) stored unique)',
      'create table made_f (id int primary key, a varchar(9) not null, unique ((lower(a))))',
    ]);
    for (const [source, by] of [
      ['AZURE', 0],
      ['GCP', 1],
    ] as const)
      await pair.run(
        ['made_g', 'made_f'].map(
          (table) =>
            `insert into ${table} (id, a) select i, (i + ${by}) % 3 from (select 1 as i union all select 2 union all select 3) r`,
        ),
        [source],
      );
    const report = await repair('made_*');
    expect(report.applied?.left).toEqual([]);
    expect(report.after).toMatchObject(same);
  });

  it('takes a row out of the way again, where it got the value that another one is to have', async () => {
    await pair.run([
      'create table apart (id int primary key, n int not null unique, code char(9) not null unique)',
      'create table apart_child (id int primary key, p int not null, foreign key (p) references apart (id))',
    ]);
    await pair.run(
      ["insert into apart values (2, 1, 'x'), (3, 2, 'a')", 'insert into apart_child values (1, 3)'],
      ['AZURE'],
    );
    await pair.run(
      ["insert into apart values (1, 1, 'a')", 'insert into apart_child values (1, 1)'],
      ['GCP'],
    );
    const report = await repair('apart*');
    expect(report.applied?.left).toEqual([]);
    expect(report.after).toMatchObject(same);
  });

  it('sets no trigger off by a step on the way that the plan does not name', async () => {
    await pair.run([
      'create table way (id int primary key, next int null, foreign key (next) references way (id))',
      'create table way_log (n int)',
      'create trigger way_updated after update on way for each row insert into way_log values (new.id)',
    ]);
    await pair.run(
      [
        'insert into way values (1, null), (2, 1)',
        'update way set next = 2 where id = 1',
        'delete from way_log',
      ],
      ['AZURE'],
    );
    // Two rows that refer to each other are inserted in two steps, the second of which is an update.
    const refused = await repair('way');
    expect(refused.applied?.left.map(({ operation, why }) => [operation.key.id, why]).sort()).toEqual([
      ['1', 'A row that it refers to is missing.'],
      ['2', 'A row that it refers to is missing.'],
    ]);
    expect(await pair.rows('GCP', 'select * from way_log')).toEqual([]);
    expect((await repair('way', { over: ['way'] })).after).toMatchObject(same);
  });

  it('inserts a long chain of rows of which each refers to the next, in either order of their keys', async () => {
    await pair.run([
      'create table chain (id int primary key, next int not null, foreign key (next) references chain (id))',
    ]);
    await pair.run(
      [
        'set foreign_key_checks = 0',
        'insert into chain with recursive n as (select 1 as i union all select i + 1 from n where i < 900) select i, if(i < 500, i + 1, if(i = 500, i, i - 1)) from n',
        'set foreign_key_checks = 1',
      ],
      ['AZURE'],
    );
    const report = await repair('chain');
    expect(report.applied?.left).toEqual([]);
    expect(report.after).toMatchObject(same);
  });

  it('takes rows of a cycle of foreign keys through a column that may be null, and reports others', async () => {
    await pair.run([
      'create table ring_a (id int primary key, b int null)',
      'create table ring_b (id int primary key, a int null, constraint ring_b_a foreign key (a) references ring_a (id))',
      'alter table ring_a add constraint ring_a_b foreign key (b) references ring_b (id)',
      'create table selfish (id int primary key, boss int null, foreign key (boss) references selfish (id))',
    ]);
    await pair.run(
      [
        'insert into ring_a values (1, null)',
        'insert into ring_b values (1, 1)',
        'update ring_a set b = 1',
        'insert into selfish values (9, null), (1, 9), (2, 1)',
        'update selfish set boss = 2 where id = 9',
      ],
      ['AZURE'],
    );
    for (const tables of ['ring_*', 'selfish']) {
      const report = await repair(tables);
      expect(report.applied?.left).toEqual([]);
      expect(report.after).toMatchObject(same);
    }
  });

  it('is refused while the schemas differ, and over triggers and cascades unless they are named', async () => {
    await pair.run(['create table odd_s (id int primary key, v int)'], ['AZURE']);
    await pair.run(['create table odd_s (id int primary key, v varchar(5))'], ['GCP']);
    expect(await repair('odd_s')).toMatchObject({
      refusals: ['The schemas differ: odd_s.v, type.'],
      applied: null,
      exitCode: exitCodes.parity.REFUSED,
    });

    await pair.run([
      'create table odd_p (id int primary key, v int)',
      'create table odd_c (id int primary key, p int, constraint odd_c_p foreign key (p) references odd_p (id) on delete cascade)',
      'insert into odd_p values (1, 1), (2, 2)',
      'insert into odd_c values (1, 1), (2, 2)',
    ]);
    await pair.run(['delete from odd_p where id = 2'], ['AZURE']);
    expect(await repair('odd_p')).toMatchObject({
      refusals: [
        'Changes of odd_p set off foreign key odd_c_p of odd_c (ON DELETE CASCADE, ON UPDATE NO ACTION): name it with --over odd_p where that is meant.',
      ],
      exitCode: exitCodes.parity.REFUSED,
    });
    expect((await pair.rows('GCP', 'select id from odd_p')).length).toBe(2);
    expect((await repair('odd_p', { over: ['odd_p'] })).after).toMatchObject(same);
  });

  it('leaves a row alone that changed on either side since it was seen', async () => {
    await pair.run(['create table moved (id int primary key, v int)']);
    await pair.run(['insert into moved values (1, 1), (2, 2), (3, 3), (4, 4)'], ['AZURE']);
    await pair.run(['insert into moved values (1, 10), (2, 20), (3, 30), (5, 50)'], ['GCP']);
    const opened = await openPair(pair.clients, ['moved']);
    if (!('pairs' in opened)) throw new Error('A side does not answer.');
    const [one] = opened.pairs;
    if (one?.key == null) throw new Error('There is no key.');
    const found: ConfirmedDifference[] = [];
    await compareTable(one, pair.clients, {
      pace: paceOf({ percent: 100, settleMs: 20 }),
      begun: nothingCompared('moved'),
      progress: () => {},
      found: async (rows) => void found.push(...rows),
    });
    const direction = directions['azure-to-gcp'];
    const keyed = { ...one, key: one.key };
    const operations = found.flatMap((row) => operationOf(keyed, row, direction) ?? []);
    await pair.run(['update moved set v = 99 where id = 1', 'insert into moved values (5, 5)'], ['AZURE']);
    await pair.run(['update moved set v = 99 where id = 2'], ['GCP']);
    const { done, left } = await applyRepair(
      operations,
      pair.clients,
      direction,
      opened.snapshots.GCP.schema,
    );
    expect(done.map(({ key }) => key.id).sort()).toEqual(['3', '4']);
    expect(left.map(({ operation, why }) => [operation.key.id, why]).sort()).toEqual(
      ['1', '2', '5'].map((id) => [id, 'The row has changed since it was compared.']),
    );
    expect(await pair.rows('GCP', 'select id, v from moved order by id')).toEqual([
      { id: 1, v: 10 },
      { id: 2, v: 99 },
      { id: 3, v: 3 },
      { id: 4, v: 4 },
      { id: 5, v: 50 },
    ]);
  });

  it('goes on where it was killed: what is written is journaled, and no row is written twice', async () => {
    const rows = 1000;
    const numbers = `with recursive n as (select 1 as i union all select i + 1 from n where i < ${rows}) select i from n`;
    await pair.run(['create table killed (id int primary key, v int, code int not null, unique (code))']);
    await pair.run([`insert into killed select i, i, i from (${numbers}) r`], ['AZURE']);
    await pair.run([`insert into killed select i, -i, ${rows} + 1 - i from (${numbers}) r`], ['GCP']);
    const args = [
      'parity',
      'killed',
      '--repair',
      'azure-to-gcp',
      '--apply',
      '--settle',
      '20',
      '--throttle',
      '100',
    ];
    const written = async () =>
      (await pair.rows('GCP', 'select count(*) as n from killed where v > 0'))[0]?.n as number;
    let kills = 0;
    for (let turn = 1; turn <= 3; turn++) {
      const before = await written();
      const child = startTandem(args, pair.settings);
      const ended = new Promise((resolve) => child.once('close', resolve));
      while ((await written()) === before && child.exitCode === null) await delay(5);
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        kills += 1;
      }
      await ended;
    }
    expect(kills).toBeGreaterThan(0);
    const report = await repair('killed');
    expect(report.after).toMatchObject(same);
    expect(report.applied?.left).toEqual([]);
    const [journal] = await pair.rows(
      'GCP',
      "select count(distinct row_key) as n from tandem_parity_repair where table_name = 'killed'",
    );
    expect(journal?.n).toBe(rows);
  });
});

describe('a repair beside an audit trail', () => {
  const args = (table: string) =>
    `parity ${table} --repair azure-to-gcp --apply --settle 5 --throttle 100`.split(' ');
  let database: string;
  let settings: Record<string, string>;
  beforeAll(async () => {
    database = `tandem_audit_${pair.config.databases.GCP.name}`;
    settings = { ...pair.settings, AUDIT_DATABASE: database };
    for (const source of sourceNames) {
      await pair.run([`create database ${database}`], [source]);
      await installTrail(source, { ...pair.config, audit: { database } }, database);
    }
  });
  afterAll(() => pair?.run([`drop database ${database}`]));
  const trail = (table: string, source: SourceName = 'GCP') =>
    pair.rows(
      source,
      `select * from ${database}.tandem_audit_write where table_name = '${table}' order by id`,
    );
  async function sealed(): Promise<unknown> {
    await using client = await openAuditClient('GCP', pair.config, { database });
    await sealTrail(client);
    return await verifyTrail(client, []);
  }

  it('writes there who did what by which command to which rows of which cloud, and the seals hold', async () => {
    await pair.run(['create table audited (id int, part varchar(9), v int, w int, primary key (id, part))']);
    await pair.run(["insert into audited values (1, 'a', 1, 1), (2, 'b', 2, 2), (3, 'c', 3, 3)"], ['AZURE']);
    await pair.run(["insert into audited values (2, 'b', 9, 2), (3, 'c', 3, 9), (4, 'd', 4, 4)"], ['GCP']);
    expect((await tandem(args('audited'), pair.settings)).code).toBe(0);
    expect(await trail('audited')).toEqual([]);

    await pair.run(['delete from audited']);
    await pair.run(["insert into audited values (1, 'a', 1, 1), (2, 'b', 2, 2), (3, 'c', 3, 3)"], ['AZURE']);
    await pair.run(["insert into audited values (2, 'b', 9, 2), (3, 'c', 3, 9), (4, 'd', 4, 4)"], ['GCP']);
    expect((await tandem(args('audited'), settings)).code).toBe(0);
    const rows = await trail('audited');
    expect(
      rows.map(({ operation, row_count, row_keys, column_names }) => [
        operation,
        row_count,
        row_keys,
        column_names,
      ]),
    ).toEqual([
      ['create', 1, '[{"id":"1","part":"a"}]', '["id","part","v","w"]'],
      ['update', 1, '[{"id":"2","part":"b"}]', '["v"]'],
      ['update', 1, '[{"id":"3","part":"c"}]', '["w"]'],
      ['delete', 1, '[{"id":"4","part":"d"}]', '[]'],
    ]);
    const [{ account } = {}] = await pair.rows('GCP', 'select current_user() as account');
    const by = {
      subject: `${userInfo().username}@${hostname()}`,
      issuer: account,
      role: 'tandem parity --repair azure-to-gcp',
      source: 'GCP',
      request_id: rows[0]?.request_id,
    };
    for (const row of rows) expect(row).toMatchObject(by);
    expect(await trail('audited', 'AZURE')).toEqual([]);
    expect(await sealed()).toMatchObject({ verdict: 'INTACT', unsealed: 0 });
    expect((await tandem(['audit', 'verify'], settings)).code).toBe(0);
  });

  it('has each row that it changed there, and no other, where it is killed in the middle', async () => {
    const numbers =
      'with recursive n as (select 1 as i union all select i + 1 from n where i < 1000) select i from n';
    await pair.run(['create table audited_killed (id int primary key, v int)']);
    await pair.run([`insert into audited_killed select i, i from (${numbers}) r`], ['AZURE']);
    await pair.run([`insert into audited_killed select i, -i from (${numbers}) r`], ['GCP']);
    const written = () => pair.rows('GCP', 'select id from audited_killed where v > 0 order by id');
    const child = startTandem(args('audited_killed'), settings);
    const ended = new Promise((resolve) => child.once('close', resolve));
    while ((await written()).length === 0 && child.exitCode === null) await delay(5);
    child.kill('SIGKILL');
    await ended;
    const named = async () =>
      (await trail('audited_killed'))
        .flatMap(({ row_keys }) => JSON.parse(String(row_keys)) as { id: string }[])
        .map(({ id }) => Number(id))
        .sort((one, other) => one - other);
    // What the process has sent may still be on its way.
    const both = async () => [await named(), (await written()).map(({ id }) => id)];
    const same = ([one, other]: unknown[][]) => isDeepStrictEqual(one, other);
    await expect.poll(async () => same(await both())).toBe(true);
    expect((await written()).length).toBeGreaterThan(0);
    expect((await tandem(args('audited_killed'), settings)).code).toBe(0);
    expect(await named()).toEqual(Array.from({ length: 1000 }, (_, at) => at + 1));
    expect(await sealed()).toMatchObject({ verdict: 'INTACT' });
  });

  it('is refused where the trail takes no rows of its account', async () => {
    await pair.run([
      'create table unaudited (id int primary key, v int)',
      'insert into unaudited values (1, 1)',
    ]);
    await pair.run(['update unaudited set v = 2'], ['GCP']);
    await pair.run([`rename table ${database}.tandem_audit_write to ${database}.gone`], ['GCP']);
    const { code, stdout } = await tandem(args('unaudited'), settings);
    await pair.run([`rename table ${database}.gone to ${database}.tandem_audit_write`], ['GCP']);
    expect([code, stdout]).toEqual([5, expect.stringContaining('The audit trail on GCP takes no rows')]);
    expect(await pair.rows('GCP', 'select v from unaudited')).toEqual([{ v: 2 }]);
  });

  it('is planned for a server that takes no changes', async () => {
    const table = ['create table standby (id int primary key, v int)', 'insert into standby values (1, 1)'];
    await pair.run(table, ['AZURE']);
    await using own = await startOwnServer();
    for (const sql of ['use tandem', ...table, 'update standby set v = 2', 'set global super_read_only = on'])
      await own.sql(sql);
    const config = {
      ...pair.config,
      databases: { ...pair.config.databases, GCP: own.config },
    };
    await using GCP = await openParityClient('GCP', config);
    const clients = { AZURE: pair.clients.AZURE, GCP };
    const plan = { ...request, apply: false, tables: ['standby'], trail: database };
    expect(await runRepair(clients, plan)).toMatchObject({
      tables: [{ table: 'standby', updates: 1 }],
      refusals: [],
      exitCode: exitCodes.parity.DIFFERENT,
    });
  });

  it('rolls a row back whose entry is refused, whichever way it is written', async () => {
    await pair.run([
      "create table barred (id int primary key, v enum('a', 'b') not null, w int, unique (v), unique (w))",
    ]);
    await pair.run(["insert into barred values (1, 'a', 1), (2, 'b', 2)"], ['AZURE']);
    await pair.run(["insert into barred values (1, 'b', 2), (2, 'a', 1)"], ['GCP']);
    await pair.run(
      [`alter table ${database}.tandem_audit_write add check (table_name <> 'barred')`],
      ['GCP'],
    );
    const { code, stderr } = await tandem(args('barred'), settings);
    expect([code, stderr]).toEqual([1, expect.stringContaining('audit trail')]);
    expect(await pair.rows('GCP', 'select id, v, w from barred order by id')).toEqual([
      { id: 1, v: 'b', w: 2 },
      { id: 2, v: 'a', w: 1 },
    ]);
  });
});

/** Each statement of a repair costs a process: a minute or two in all. */
describe.runIf(process.env.TANDEM_LONG === '1')('a repair, in the long run,', () => {
  const preload = new URL('../helpers/kill-at-statement.mjs', import.meta.url).href;

  it('goes on from each statement before which it was killed', async () => {
    const make =
      'create table each_statement (id int primary key, v varchar(9), code int not null, unique (code))';
    const rows = (source: SourceName) => pair.rows(source, 'select * from each_statement order by id');
    const args = 'parity each_statement --repair azure-to-gcp --apply --settle 5 --throttle 100'.split(' ');
    let kills = 0;
    for (let at = 1; ; at += 1) {
      await pair.run(['drop table if exists each_statement, tandem_parity_repair', make]);
      await pair.run(
        ["insert into each_statement values (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (5, 'e', 5)"],
        ['AZURE'],
      );
      // Two rows exchange a unique value, one differs, one is missing, one is too many.
      await pair.run(
        ["insert into each_statement values (1, 'a', 2), (2, 'b', 1), (3, 'x', 3), (4, 'd', 4)"],
        ['GCP'],
      );
      const before = await rows('GCP');
      const wanted = await rows('AZURE');
      const child = startTandem(args, {
        ...pair.settings,
        NODE_OPTIONS: `--import ${preload}`,
        KILL_AT: String(at),
        KILL_PORT: String(pair.config.databases.GCP.port),
      });
      child.stdout.resume();
      child.stderr.resume();
      const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
      const texts = (list: readonly object[]) => list.map((row) => JSON.stringify(row));
      const now = texts(await rows('GCP'));
      const changed = now.filter((row) => !texts(before).includes(row));
      const gone = before.filter(({ id }) => !now.some((row) => JSON.parse(row).id === id));
      const entries =
        at === 1
          ? []
          : await pair.rows(
              'GCP',
              'select distinct json_value(row_key, "$.id") as id from tandem_parity_repair',
            );
      // A row and its entry are there together, or neither is.
      expect([at, entries.map(({ id }) => Number(id)).sort()]).toEqual([
        at,
        [...changed.map((row) => JSON.parse(row).id), ...gone.map(({ id }) => id)].sort(),
      ]);
      const report = await repair('each_statement', { settleMs: 5 });
      expect([at, report.applied?.left ?? []]).toEqual([at, []]);
      expect([at, await rows('GCP')]).toEqual([at, wanted]);
      expect(await rows('AZURE')).toEqual(wanted);
      if (signal === null) break;
      kills += 1;
    }
    console.info(`killed before each of ${kills} statements`);
    expect(kills).toBeGreaterThan(8);
  }, 900_000);

  it('writes 100,000 rows that differ', async () => {
    const numbers = (where: string) =>
      `select i, concat('v', i) from (with recursive n as (select 1 as i union all select i + 1 from n where i < 1000) select a.i + 1000 * (b.i - 1) as i from n a join n b on b.i <= 150) r where ${where}`;
    await pair.run(['create table hundred_thousand (id int primary key, v varchar(20))']);
    await pair.run([`insert into hundred_thousand ${numbers('i % 3 > 0')}`], ['AZURE']);
    await pair.run(
      [
        `insert into hundred_thousand ${numbers('i % 3 < 2')}`,
        "update hundred_thousand set v = 'w' where id % 3 = 1 and id % 2 = 0",
      ],
      ['GCP'],
    );
    const began = performance.now();
    const report = await repair('hundred_thousand', { settleMs: 5 });
    console.info(`repaired in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    expect(counts(report)).toEqual([['hundred_thousand', 50_000, 25_000, 50_000]]);
    expect(report.applied?.done).toHaveLength(125_000);
    expect(report.after).toMatchObject(same);
  }, 900_000);
});
