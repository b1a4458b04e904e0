import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../helpers/drift-trial.ts';
import { startTrialDatabases, type TrialDatabases } from '../helpers/trial-databases.ts';

let databases: TrialDatabases;

beforeAll(async () => {
  databases = await startTrialDatabases();
});

afterAll(async () => {
  await databases?.[Symbol.asyncDispose]();
});

const longest = 'x'.repeat(64);
/** Two schemas each; every one of them stands on the left and on the right. */
const cases: readonly (readonly [what: string, left: string[], right: string[]])[] = [
  [
    'names of 64 characters',
    [
      `create table ${longest} (${longest} int, index ${longest} (${longest}), constraint ${longest} check (${longest} > 0))`,
    ],
    [],
  ],
  [
    'signs and quotes in names',
    ['create table `a ☃ "q"` (`b ☃.c` int default 3, index `i☃` (`b ☃.c`))'],
    ['create table `a ☃ "q"` (`b ☃.c` bigint)'],
  ],
  [
    // An emoji beyond U+FFFF becomes a question mark: lint rule replaced-character.
    'question marks, emoji and letters of many scripts in names',
    [
      'create table `t?` (`c?❤️` int default 3, `字` int, index `k?` (`c?❤️`), constraint `ß–ü` check (`字` > 0))',
      'create view `v❤️` as select `c?❤️` as `é?` from `t?`',
      'create trigger `g–?` before insert on `t?` for each row set new.`字` = 1',
    ],
    [
      'create table `t?` (`c?❤️` bigint, `字` varchar(9))',
      "create procedure `p'❤️`(in `a?` int) select `c?❤️` from `t?`",
    ],
  ],
  [
    'generated on generated',
    [
      'create table t (a int, b int as (a+1) stored, c int as (b+1) stored, d int as (c+1) virtual, index (d))',
    ],
    ['create table t (a bigint, b bigint as (a+2) stored, c int as (b+1) stored, d int as (c+2) virtual)'],
  ],
  [
    'a foreign key to its own table',
    [
      'create table t (id int primary key, p int, constraint s foreign key (p) references t (id) on delete cascade)',
    ],
    ['create table t (id bigint primary key, p bigint, constraint s foreign key (p) references t (id))'],
  ],
  [
    'foreign keys of several columns to a unique key',
    [
      'create table p (a int not null, b varchar(9) not null, unique u (a, b))',
      'create table c (x int, y varchar(9), constraint f foreign key (x, y) references p (a, b) on update cascade)',
    ],
    [
      'create table p (a int not null, b varchar(9) not null, unique u (b, a))',
      'create table c (x int, y varchar(9), constraint f foreign key (y, x) references p (b, a))',
    ],
  ],
  [
    'a collation on both ends of a foreign key',
    [
      'create table p (c varchar(9) primary key) collate utf8mb4_bin',
      'create table c (c varchar(9), constraint f foreign key (c) references p (c)) collate utf8mb4_bin',
    ],
    [
      'create table p (c varchar(9) primary key) collate utf8mb4_general_ci',
      'create table c (c varchar(9), constraint f foreign key (c) references p (c)) collate utf8mb4_general_ci',
    ],
  ],
  [
    'multi-valued indexes',
    ["create table t (id int primary key, j json, index m ((cast(j->'$.a' as unsigned array)), id))"],
    ["create table t (id int primary key, j json, index m (id, (cast(j->'$.b' as char(9) array))))"],
  ],
  [
    'partitions by several columns',
    [
      'create table t (a int not null, b int not null, primary key (a,b)) partition by list columns (a, b) (partition x values in ((1,2),(3,4)), partition y values in ((5,6)))',
    ],
    [
      'create table t (a int not null, b int not null, primary key (a,b)) partition by range columns (a, b) subpartition by key (b) subpartitions 2 (partition x values less than (1, maxvalue), partition y values less than (maxvalue, maxvalue))',
    ],
  ],
  [
    'linear partitions',
    ['create table t (a int) partition by linear hash (a) partitions 3'],
    ['create table t (a int) partition by linear key algorithm=2 (a) partitions 2'],
  ],
  [
    'null among the values of a partition',
    [
      'create table t (a int) partition by list (a) (partition n values in (null, 1), partition o values in (2))',
    ],
    [
      'create table t (a int) partition by list (a) (partition n values in (null), partition o values in (2, 1))',
    ],
  ],
  [
    'columns that were added INSTANT',
    ['create table t (a int)', 'alter table t add column b int default 4 first, algorithm=instant'],
    [
      'create table t (b int default 4, a int)',
      'alter table t add column c varchar(9) after b, algorithm=instant',
    ],
  ],
  [
    'AUTO_INCREMENT that is not the first column',
    ['create table t (a int, id int auto_increment, index (a, id), unique k (id))'],
    ['create table t (a int, id int auto_increment unique)'],
  ],
  [
    'times with fractions',
    [
      'create table t (a datetime(3) default current_timestamp(3) on update current_timestamp(3), b timestamp(6) not null default current_timestamp(6))',
    ],
    [
      'create table t (a datetime(6) default current_timestamp(6) on update current_timestamp(6), b timestamp null on update current_timestamp)',
    ],
  ],
  [
    'values of ENUM and SET in another order',
    ["create table t (e enum('a','b,c','d''e','f\\\\g') not null default 'd''e', s set('x','y z'))"],
    ["create table t (e enum('b,c','a','f\\\\g','d''e') default 'a', s set('y z','x'))"],
  ],
  [
    'views with algorithm, security and check option',
    [
      'create table t (id int primary key, n int)',
      'create algorithm=merge sql security invoker view v as select id, n from t where n > 1 with cascaded check option',
      'create view w (`a b`, `c``d`) as select id, n from v',
    ],
    [
      'create table t (id int primary key, n bigint)',
      'create algorithm=temptable view v as select id, n from t',
      'create view w as select id as `a b`, n as `c``d` from v',
    ],
  ],
  [
    'chains of triggers',
    [
      'create table t (id int)',
      'create trigger a before insert on t for each row set @a=1',
      'create trigger b before insert on t for each row precedes a set @a=2',
      'create trigger c before insert on t for each row follows b set @a=3',
    ],
    [
      'create table t (id int)',
      'create trigger c before insert on t for each row set @a=3',
      'create trigger a before insert on t for each row set @a=1',
    ],
  ],
  [
    'routines with odd bodies',
    [
      "create procedure p(in `a b` int, inout c json) comment 'it''s \\\\' modifies sql data begin declare exit handler for sqlexception begin rollback; end; label1: loop leave label1; end loop; /* ; */ select ';', \"'\" ; end",
      "create function f(x enum('a','b')) returns set('x','y') charset latin1 deterministic return 'x'",
    ],
    ['create procedure p() begin end', 'create function f(x varchar(9)) returns int no sql return 1'],
  ],
  [
    'events in a time zone',
    [
      "set time_zone='+03:00'",
      "create event e on schedule every '1:30' hour_minute starts '2035-01-01 00:00:00' ends '2036-01-01 00:00:00' on completion preserve disable comment 'ü' do begin set @a = 'ä'; end",
      "set time_zone='+00:00'",
    ],
    ["create event e on schedule at '2036-01-01 00:00:00' disable on slave do select 1"],
  ],
  [
    'reserved words as names',
    [
      'create table `order` (`key` int primary key, `group` int, `check` int, constraint `primary key` foreign key (`group`) references `order` (`key`), index `index` (`check`), constraint `default` check (`check` > `group`))',
    ],
    ['create table `order` (`key` int primary key)'],
  ],
  [
    'NOT NULL where there was none',
    [
      'create table t (a int not null, b varchar(9) not null default "", c text not null, d int unsigned zerofill not null)',
    ],
    ['create table t (a int, b varchar(9), c text, d int)'],
  ],
  [
    'spatial columns with and without SRID',
    [
      'create table t (id int primary key, g geometrycollection not null srid 4326, p polygon, spatial index (g))',
    ],
    ['create table t (id int primary key, g geometrycollection not null srid 3857, p multipolygon srid 0)'],
  ],
  [
    'quotes and backslashes in comments',
    ["create table t (a int comment 'it''s \\\\ \\n ü ; -- x') comment '\\'\"`ß'"],
    ["create table t (a int comment '') comment 'x'"],
  ],
  [
    'vectors of other lengths',
    ['create table t (id int primary key, v vector(3))'],
    ['create table t (id int primary key, v vector(4))'],
  ],
  [
    'a missing foreign key to a unique key of another type',
    [
      'create table p (id int primary key, u int unique)',
      'create table c (id int primary key, u int, constraint f foreign key (u) references p (u) on delete set null)',
    ],
    ['create table p (id int primary key, u bigint unique)', 'create table c (id int primary key, u bigint)'],
  ],
];

describe('drift finds, invents none and mends in both directions', () => {
  it.each(cases)('%s', async (_what, left, right) => {
    const { findings, wrong } = await judge({
      left: await databases.fresh('odd_left', left),
      right: await databases.fresh('odd_right', right),
    });
    expect(wrong).toEqual([]);
    expect(findings.length).toBeGreaterThan(0);
  });
});
