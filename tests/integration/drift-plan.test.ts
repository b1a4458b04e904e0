import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogueQueries } from '../../src/information-schema/catalogue-queries.ts';
import { readSchema } from '../../src/information-schema/read-schema.ts';
import { judge } from '../helpers/drift-trial.ts';
import { startTrialDatabases, type TrialDatabases } from '../helpers/trial-databases.ts';

let databases: TrialDatabases;

beforeAll(async () => {
  databases = await startTrialDatabases();
});

afterAll(async () => {
  await databases?.[Symbol.asyncDispose]();
});

const parents = 'create table p (id int primary key, code varchar(9) not null)';

/** What differs, what both have, what only one has, and what is found. */
const cases: readonly (readonly [
  what: string,
  both: string[],
  left: string[],
  right: string[],
  found: string[],
])[] = [
  [
    'a foreign key named like a unique key of its table',
    [parents],
    ['create table c (pid int, unique key one (pid), constraint one foreign key (pid) references p (id))'],
    ['create table c (pid int, unique key one (pid))'],
    ['c.one existence'],
  ],
  [
    'checks, keys and foreign keys of one name in several tables',
    [parents],
    [
      'create table c (pid int, constraint n check (pid > 0), unique key n (pid), constraint n foreign key (pid) references p (id))',
      'create table d (pid int, key n (pid))',
    ],
    [
      'create table c (pid int, unique key n (pid))',
      'create table d (pid int, key n (pid), constraint n check (pid > 0), constraint n foreign key (pid) references p (id))',
    ],
    ['c.n existence', 'c.n existence', 'd.n existence', 'd.n existence'],
  ],
  [
    'a column that is missing with its index',
    [],
    ['create table t (id int primary key, a int, index a (a), unique index b (id, a))'],
    ['create table t (id int primary key)'],
    ['t.a existence', 't.a existence', 't.b existence'],
  ],
  [
    'a column that is missing with its foreign key and parent',
    [],
    [parents, 'create table t (id int primary key, p int, constraint f foreign key (p) references p (id))'],
    ['create table t (id int primary key)'],
    ['p existence', 't.p existence', 't.f existence'],
  ],
  [
    'an indexed column that has another name',
    [],
    ['create table t (id int primary key, a int, index i (a), index j (id, a))'],
    ['create table t (id int primary key, b int, index i (b), index j (id, b))'],
    ['t.a existence', 't.b existence', 't.i parts', 't.j parts'],
  ],
  [
    'a primary key that counts by itself',
    [],
    ['create table t (id int auto_increment primary key, a int)'],
    ['create table t (a int)'],
    ['t.id existence', 't.PRIMARY existence'],
  ],
  [
    'checks, generated columns, functional indexes and defaults over a column that is missing',
    [],
    [
      `create table t (id int primary key, a int, b int as (a + 1), c int as (b * 2) stored, d int default (a + 3), index f ((a + 1)),
        index g (b, c), constraint k check (a > b))`,
    ],
    ['create table t (id int primary key, d int default 3)'],
    [
      't.a existence',
      't.b existence',
      't.c existence',
      't.d default',
      't.f existence',
      't.g existence',
      't.k existence',
    ],
  ],
  [
    'checks, generated columns and functional indexes over a column of another type',
    [],
    ['create table t (a int, b int as (a + 1), index f ((a + 1)), constraint k check (a > 1))'],
    [
      "create table t (a varchar(9), b varchar(9) as (concat(a, 'x')), index f ((lower(a))), constraint k check (a > 'x'))",
    ],
    [
      't.a type',
      't.a character set',
      't.a collation',
      't.b type',
      't.b generated',
      't.b character set',
      't.b collation',
      't.f parts',
      't.k expression',
    ].filter((found) => !/ (character set|collation)$/.test(found)),
  ],
  [
    'what a table is partitioned by, with the column and the key for it',
    [],
    [
      'create table t (id int not null, y int not null, primary key (id, y)) partition by range (y) (partition a values less than (9))',
    ],
    [
      'create table t (id int not null, z int not null, primary key (id, z)) partition by hash (z) partitions 3',
    ],
    ['t partitioned by', 't.y existence', 't.z existence', 't.PRIMARY parts'],
  ],
  [
    'names that are unique in a schema and moved to another table',
    [parents],
    [
      'create table a (x int, index (x), constraint f foreign key (x) references p (id), constraint c check (x > 1))',
      'create table b (x int, index (x))',
    ],
    [
      'create table a (x int, index (x))',
      'create table b (x int, index (x), constraint f foreign key (x) references p (id), constraint c check (x > 1))',
    ],
    ['a.f existence', 'a.c existence', 'b.f existence', 'b.c existence'],
  ],
  [
    'a table where there is a view',
    [parents],
    ['create table v (id int primary key)'],
    ['create view v as select id from p'],
    ['v existence', 'v existence'],
  ],
  [
    'a cycle of foreign keys',
    [],
    [
      'create table staff (id int primary key, store_id int not null)',
      'create table store (id int primary key, manager_id int not null, constraint managed foreign key (manager_id) references staff (id))',
      'alter table staff add constraint works foreign key (store_id) references store (id)',
    ],
    [],
    ['staff existence', 'store existence'],
  ],
  [
    'views over views and functions, whatever their names',
    [parents],
    [
      'create function zf(n int) returns int deterministic return n + 1',
      'create view z as select zf(id) as a from p',
      'create view m as select z.a as z from z',
      'create view a as select m.z as m from m join z on m.z = z.a',
    ],
    [],
    ['a existence', 'm existence', 'z existence', 'zf existence'],
  ],
  [
    'defaults that are bytes',
    [],
    [
      "create table t (a varbinary(20) default 'unknown', b binary(4) default 'ab', c varbinary(9) default '', d varbinary(9) default x'610000', e binary(2) default x'0000')",
    ],
    ['create table t (a varbinary(20), b binary(4), c varbinary(9), d varbinary(9), e binary(2))'],
    ['t.a default', 't.b default', 't.c default', 't.d default', 't.e default'],
  ],
  [
    'text that is not ASCII in checks, generated columns, defaults, indexes, partitions and programs',
    [],
    [
      `create table t (id int primary key, a varchar(20) default 'ä', b varchar(20) default ('männlich'), c varchar(30) as (concat(a, 'ö\\'"x')),
        index f ((concat(a, 'ß')), id), constraint k check (a <> 'grün' and a <> '漢字')) comment 'ü'`,
      "create table l (a varchar(9) primary key) partition by list columns (a) (partition `größe` values in ('ä', 'b''c'))",
      "create view v as select 'é' as `ü`",
      "create procedure f(in `ä` int) begin set @a = 'ö''s'; end",
      "create event e on schedule every 1 day disable comment 'ß' do set @a = 'ß'",
    ],
    [
      'create table t (id int primary key, a varchar(20), b varchar(20), c varchar(30))',
      'create table l (a varchar(9) primary key)',
    ],
    [
      'e existence',
      'f existence',
      'l partitioned by',
      't comment',
      't.a default',
      't.b default',
      't.c generated',
      't.f existence',
      't.k existence',
      'v existence',
    ],
  ],
  [
    'spatial reference systems, parsers and options of tables',
    [],
    [
      'create table t (a point not null srid 4326, b text, spatial index s (a), fulltext index f (b) with parser ngram)',
      'create table o (a int) key_block_size = 8 stats_persistent = 0',
      "create table q (a int) compression = 'zlib'",
    ],
    [
      'create table t (a point not null srid 0, b text, spatial index s (a), fulltext index f (b))',
      'create table o (a int) max_rows = 7',
      'create table q (a int)',
    ],
    ['o key block size', 'o max rows', 'o stats persistent', 'q compression', 't.a srid', 't.f parser'],
  ],
  [
    'what a routine’s texts are written in',
    [],
    [
      'create function f(a varchar(9) character set latin1) returns varchar(9) character set latin1 deterministic return a',
    ],
    ['create function f(a varchar(9)) returns varchar(9) deterministic return a'],
    ['f parameters', 'f returns'],
  ],
  [
    'the mode that a program was written in',
    [],
    [
      "set sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'",
      'create procedure f() set @a = 1 || 2',
      'set sql_mode = default',
    ],
    ['create procedure f() set @a = 1 || 2'],
    ['f sql mode'],
  ],
  [
    'what the columns of a view are called',
    [parents],
    ['create view v (a, `b ``c`) as select id, code from p'],
    ['create view v as select id, code from p'],
    ['v columns'],
  ],
  [
    'the order of triggers that come, go and change',
    [parents],
    ['a', 'b', 'c', 'd', 'e'].map(
      (name) => `create trigger ${name} before insert on p for each row set @a = '${name}'`,
    ),
    ['x', 'b', 'e', 'd'].map(
      (name) =>
        `create trigger ${name} before insert on p for each row set @a = '${name === 'd' ? 1 : name}'`,
    ),
    ['p BEFORE INSERT order', 'p.a existence', 'p.c existence', 'p.d statement', 'p.x existence'],
  ],
  [
    'an index beside the one that a foreign key made',
    [parents],
    ['create table c (a int, key f (a), constraint f foreign key (a) references p (id))'],
    ['create table c (a int, key f (a), key extra (a), constraint f foreign key (a) references p (id))'],
    ['c.extra existence'],
  ],
  [
    'a column that is computed, and was not, with its indexes, checks and what is computed from it',
    [],
    [
      'create table t (a int, b int as (a + 1), c int as (b + 1) stored, index i (b), index f ((c + 1)), constraint k check (b > 0), constraint l check (c > 0))',
    ],
    [
      'create table t (a int, b int, c int as (b + 1) stored, index i (b), index f ((c + 1)), constraint k check (b > 0), constraint l check (c > 0))',
    ],
    ['t.b generated'],
  ],
  [
    'a column under one that an index on an expression is over',
    [],
    [
      "create table t (id int primary key, a varchar(9), c varchar(20) as (concat(a, 'x')), index f ((concat(c, 'y'))))",
    ],
    [
      "create table t (id int primary key, b varchar(9), c varchar(20) as (concat(b, 'x')), index f ((concat(c, 'y'))))",
    ],
    ['t.a existence', 't.b existence', 't.c generated'],
  ],
  [
    'a default that is another in each row',
    [],
    ['create table t (id int primary key, a varchar(40) not null default (uuid()))'],
    ['create table t (id int primary key)'],
    ['t.a existence'],
  ],
  [
    'names with quotes of all kinds in programs',
    ['create table t (`a``b` int, `c\'d` int, `e"f` int)'],
    ['create trigger `t``1` before insert on t for each row set new.`a``b` = new.`a``b`'],
    ["create trigger `t'2` before insert on t for each row set new.`c'd` = new.`e\"f`"],
    ['t.t`1 existence', "t.t'2 existence"],
  ],
  [
    'text that is not ASCII in a table that is written in latin1',
    [],
    [
      "create table t (a varchar(20), g varchar(30) as (concat(a, 'é')), index f ((concat(a,'ß'))), constraint k check (a <> 'grün')) default character set latin1",
    ],
    ['create table t (a varchar(20), g varchar(30)) default character set latin1'],
    ['t.f existence', 't.g generated', 't.k existence'],
  ],
  [
    'latin1 literals beside a column whose name has an apostrophe',
    [],
    [
      "create table t (id int, `it's_ö` varchar(199), index f ((replace(`it's_ö`, '', 'ü'))), constraint k check (`it's_ö` like '%ä%')) default character set latin1",
      "alter table t drop index f, modify column `it's_ö` varchar(200)",
    ],
    [
      "create table t (`it's_ö` varchar(200), constraint k check (`it's_ö` like '%ä%')) default character set latin1",
    ],
    ['t.id existence'],
  ],
  [
    'an invisible index in place of the one that a foreign key made',
    [],
    [
      'create table p (id int primary key)',
      'create table t (id int primary key, p_id int, index i (p_id) invisible, constraint k foreign key (p_id) references p (id))',
    ],
    [
      'create table p (id int primary key)',
      'create table t (id int primary key, p_id int, constraint k foreign key (p_id) references p (id))',
    ],
    ['t.i existence'],
  ],
  [
    'dates that no calendar has',
    ["set sql_mode = ''"],
    [
      "create table t (a datetime not null default '0000-00-00 00:00:00', b int, c int)",
      "create table n (a date default '2020-00-00')",
      'set sql_mode = default',
    ],
    [
      "create table t (a datetime not null default '0000-00-00 00:00:00', b bigint)",
      'set sql_mode = default',
    ],
    ['n existence', 't.b type', 't.c existence'],
  ],
];

describe('a plan mends in both directions', () => {
  for (const [what, both, left, right, expected] of cases) {
    it(what, async () => {
      const trial = {
        left: await databases.fresh('trial_left', [...both, ...left]),
        right: await databases.fresh('trial_right', [...both, ...right]),
      };
      const { findings, wrong } = await judge(trial);
      expect(wrong).toEqual([]);
      expect(findings.map(({ object, property }) => `${object} ${property}`).toSorted()).toEqual(
        expected.toSorted(),
      );
    });
  }

  it('a view with an alias or a table called like its database, and says so of none where nothing differs', async () => {
    const made = (name: string) => [
      `create table ${name} (id int primary key, ${name} int)`,
      parents,
      `create view v as select ${name}.id from p ${name} join ${name} x on x.${name} = ${name}.id where extract(year from now()) > 1`,
    ];
    const left = await databases.fresh('trial_left', made('trial_left'));
    const right = await databases.fresh('trial_right', made('trial_left'));
    const { findings, wrong } = await judge({ left, right });
    expect({ findings, wrong }).toEqual({ findings: [], wrong: [] });

    const empty = await databases.fresh('trial_right', [parents]);
    const again = await judge({
      left: await databases.fresh('trial_left', made('trial_left')),
      right: empty,
    });
    expect(again.wrong).toEqual([]);
    expect(again.findings.map(({ object }) => object)).toEqual(['trial_left', 'v']);
  });
});

// TANDEM_LONG=1 reads 500.
const tables = process.env.TANDEM_LONG === '1' ? 500 : 50;

it(`reads ${tables} tables with one statement a kind of object`, { timeout: 120_000 }, async () => {
  const made = Array.from(
    { length: tables },
    (_, at) =>
      `create table t${at} (id int primary key, a varchar(20) default ('x'), b varchar(30) as (concat(a, 'y')), p int, index i (a),
        index f ((lower(a))), constraint f${at} foreign key (p) references t${Math.max(0, at - 1)} (id), constraint k${at} check (a <> 'z'))`,
  );
  const em = await databases.fresh('trial_left', made);
  const asked: string[] = [];
  const counting = {
    execute: <T>(sql: string) => {
      asked.push(sql);
      return em.execute<T>(sql);
    },
  };
  expect((await readSchema(counting)).tables).toHaveLength(tables);
  expect(asked).toHaveLength(Object.keys(catalogueQueries).length);
});
