import type { DifferenceKind } from '../../src/parity/difference.ts';
import type { ParityVerdict } from '../../src/parity/report.ts';
import type { SourceName } from '../../src/source-name.ts';

/** A table in two databases, and what parity must find of it. `T` stands for its name. */
export interface Plant {
  readonly what: string;
  /** In both databases; an object where they differ. */
  readonly make: string | Readonly<Record<SourceName, string>>;
  readonly both?: readonly string[];
  readonly azure?: readonly string[];
  readonly gcp?: readonly string[];
  readonly found: readonly PlantedRow[];
  readonly verdict?: ParityVerdict;
}

export type PlantedRow = readonly [kind: DifferenceKind, key: string | null, columns?: string];

/** A table `(id int primary key, v TYPE)` whose rows 1 to 3 are equal, and row 2 has another value in GCP. */
const value = (what: string, type: string, azure: string, gcp: string, others = azure): Plant => ({
  what,
  make: `create table T (id int primary key, w int default 7, v ${type})`,
  both: [`insert into T (id, v) values (1, ${others}), (2, ${azure}), (3, ${others})`],
  gcp: [`update T set v = ${gcp} where id = 2`],
  found: [['DIFFERENT', 'id=2', 'v']],
});

/** The same with values that are equal, however each side holds or shows them. */
const equal = (
  what: string,
  azure: string,
  gcp: string,
  insert: string | readonly [string, string],
): Plant => ({
  what,
  make: {
    AZURE: `create table T (id int primary key, v ${azure})`,
    GCP: `create table T (id int primary key, v ${gcp})`,
  },
  azure: [`insert into T values (1, ${typeof insert === 'string' ? insert : insert[0]})`],
  gcp: [`insert into T values (1, ${typeof insert === 'string' ? insert : insert[1]})`],
  found: [],
});

/** Rows of a key, of which GCP lacks the one and has the other besides. */
const keyed = (
  what: string,
  type: string,
  keys: readonly string[],
  lacks: string,
  has: string,
  shown: readonly [string, string],
): Plant => ({
  what,
  make: `create table T (k ${type} primary key, v int default 1)`,
  both: [`insert into T (k) values ${keys.map((key) => `(${key})`).join(', ')}`],
  gcp: [`delete from T where k = ${lacks}`, `insert into T (k) values (${has})`],
  found: [
    ['ONLY_AZURE', `k=${shown[0]}`],
    ['ONLY_GCP', `k=${shown[1]}`],
  ],
});

/** 5,000 rows whose ids are `step` apart. */
const many = (step: number, type = 'bigint') => ({
  make: `create table T (id ${type} primary key, v varchar(20))`,
  both: [
    `insert into T with recursive n as (select 1 as i union all select i + 1 from n where i < 1000)
      select (1000 * m.i + n.i) * ${step}, concat('v', n.i) from n join (select 0 as i union all select 1 union all select 2 union all select 3 union all select 4) m`,
  ],
});

export const plants: readonly Plant[] = [
  value('TINYINT', 'tinyint', '1', '-1'),
  value('SMALLINT UNSIGNED', 'smallint unsigned', '65535', '65534'),
  value('MEDIUMINT', 'mediumint', '0', 'null'),
  value('INT with a width', 'int(5) zerofill', '42', '43'),
  value('BIGINT beyond what a double holds', 'bigint', '9007199254740993', '9007199254740992'),
  value('BIGINT UNSIGNED', 'bigint unsigned', '18446744073709551615', '18446744073709551614'),
  value('BOOLEAN', 'boolean', 'true', 'false'),
  value(
    'DECIMAL at its last digit',
    'decimal(65, 30)',
    '12345678901234567890123456789012345.000000000000000000000000000001',
    '12345678901234567890123456789012345.000000000000000000000000000002',
  ),
  value('FLOAT beyond 6 digits', 'float', '16777215', '16777214'),
  value('FLOAT at its tail', 'float', '0.1', '0.10000001'),
  value('FLOAT 0 and NULL', 'float', '0', 'null'),
  value('DOUBLE at its tail', 'double', '0.1', '0.10000000000000002'),
  value('DOUBLE beyond 15 digits', 'double', '123456789.12345678', '123456789.12345679'),
  value('DOUBLE 0 and NULL', 'double', '0', 'null'),
  value('DOUBLE 0 and -0', 'double not null', '0', '-0e0'),
  value('BIT', 'bit(64)', "b'1'", "b'1000000000000000000000000000000000000000000000000000000000000000'"),
  value('BIT 0 and NULL', 'bit(1)', "b'0'", 'null'),
  value('YEAR', 'year', '2024', '2025'),
  value('DATE', 'date', "'2024-02-28'", "'2024-02-29'"),
  value('DATE of zeros and NULL', 'date', "'0000-00-00'", 'null'),
  value('DATE that there is not', 'date', "'2023-02-31'", "'2023-02-30'"),
  value(
    'DATETIME at its last microsecond',
    'datetime(6)',
    "'2024-01-01 00:00:00.000001'",
    "'2024-01-01 00:00:00.000002'",
  ),
  value('TIMESTAMP', 'timestamp(3) null', "'2024-10-27 01:30:00.001'", "'2024-10-27 01:30:00.002'"),
  value('TIME below zero', 'time(6)', "'-838:59:58.999999'", "'-838:59:58.999998'"),
  value('CHAR and its case', 'char(10)', "'abc'", "'Abc'"),
  value('VARCHAR and a blank at its end', 'varchar(10)', "'abc'", "'abc '"),
  value('VARCHAR and an accent', 'varchar(10)', "'cafe'", "'café'"),
  value('VARCHAR composed and decomposed', 'varchar(10)', "_utf8mb4 x'c3a9'", "_utf8mb4 x'65cc81'"),
  value('VARCHAR empty and NULL', 'varchar(10)', "''", 'null'),
  value("VARCHAR 'N' and NULL", 'varchar(10)', "'N'", 'null'),
  value('VARCHAR with a zero byte', 'varchar(10)', "'a'", "_utf8mb4 x'6100'"),
  value('VARCHAR beyond the BMP', 'varchar(10)', "'😀'", "'😁'"),
  value('VARCHAR under a binary collation', 'varchar(10) collate utf8mb4_bin', "'a'", "'A'"),
  value('VARCHAR in latin1', 'varchar(10) character set latin1', "'é'", "'è'"),
  value('VARCHAR in utf16', 'varchar(10) character set utf16', "'é'", "'e'"),
  value('a long VARCHAR', 'varchar(3000)', "repeat('x', 3000)", "concat(repeat('x', 2999), 'y')"),
  value('TINYTEXT', 'tinytext', "'a'", "'b'"),
  value('TEXT', 'text', "repeat('x', 60000)", "concat(repeat('x', 59999), 'y')"),
  value('LONGTEXT empty and NULL', 'longtext', "''", 'null'),
  value('BINARY and its width', 'binary(4)', "x'00'", "x'0001'"),
  value('VARBINARY that is no UTF-8', 'varbinary(10)', "x'ff00fe'", "x'ff00fd'"),
  value('VARBINARY with zero bytes at its end', 'varbinary(10)', "x'ff'", "x'ff00'"),
  value('BLOB that is no UTF-8', 'blob', "x'c328'", "x'c329'"),
  value('LONGBLOB', 'longblob', "repeat('x', 1000000)", "concat(repeat('x', 999999), 'y')"),
  value('ENUM', "enum('a','b')", "'a'", "'b'"),
  value("ENUM '' and NULL", "enum('','b')", "''", 'null'),
  value('SET', "set('a','b','c')", "'a,c'", "'a,b,c'"),
  value('SET empty and NULL', "set('a','b')", "''", 'null'),
  value('JSON', 'json', `'{"a": [1, 2]}'`, `'{"a": [2, 1]}'`),
  value('JSON null and NULL', 'json', "'null'", 'null'),
  value('JSON text and number', 'json', `'{"a": 1}'`, `'{"a": "1"}'`),
  value('JSON at the tail of a double', 'json', `'{"a": 0.1}'`, `'{"a": 0.10000000000000002}'`),
  value('POINT', 'point', 'point(1, 2)', 'point(1, 2.0000000000000004)'),
  value(
    'GEOMETRY of another SRID',
    'geometry',
    "st_geomfromtext('point(1 2)', 0)",
    "st_geomfromtext('point(1 2)', 4326)",
  ),
  value('VECTOR', 'vector(3)', "string_to_vector('[1,2,3]')", "string_to_vector('[1,2,3.0000002]')"),
  value('an invisible column', 'int invisible', '1', '2'),

  {
    what: 'an ENUM’s empty item and what is none of its items',
    make: "create table T (id int primary key, v enum('', 'b'))",
    both: ["insert into T values (1, ''), (2, '')"],
    gcp: [
      "insert ignore into T values (3, 'z')",
      'update ignore T set v = 9 where id = 2',
      'delete from T where id = 3',
    ],
    found: [['DIFFERENT', 'id=2', 'v']],
  },
  {
    what: 'values that two rows exchanged',
    make: 'create table T (id int primary key, v varchar(10))',
    both: ["insert into T values (1, 'paid'), (2, 'open'), (3, 'paid')"],
    gcp: ["update T set v = 'open' where id = 1", "update T set v = 'paid' where id = 2"],
    found: [
      ['DIFFERENT', 'id=1', 'v'],
      ['DIFFERENT', 'id=2', 'v'],
    ],
  },
  {
    what: 'values that two columns exchanged',
    make: 'create table T (id int primary key, a varchar(10), b varchar(10), c varchar(10))',
    both: ["insert into T values (1, 'x', 'y', 'z')"],
    gcp: ["update T set a = 'y', b = 'x'"],
    found: [['DIFFERENT', 'id=1', 'a,b']],
  },
  {
    what: 'a NULL that moved to another column',
    make: 'create table T (id int primary key, a varchar(10), b varchar(10))',
    both: ["insert into T values (1, null, 'x')"],
    gcp: ["update T set a = 'x', b = null"],
    found: [['DIFFERENT', 'id=1', 'a,b']],
  },
  {
    what: 'separators within values',
    make: 'create table T (id int primary key, a varchar(20), b varchar(20))',
    both: ["insert into T values (1, 'a#0#b', 'c'), (2, 'a,b', 'c'), (3, '1:a', '')"],
    gcp: [
      "update T set a = 'a', b = 'b#0#c' where id = 1",
      "update T set a = 'a', b = 'b,c' where id = 2",
      "update T set a = '1', b = ':a' where id = 3",
    ],
    found: [
      ['DIFFERENT', 'id=1', 'a,b'],
      ['DIFFERENT', 'id=2', 'a,b'],
      ['DIFFERENT', 'id=3', 'a,b'],
    ],
  },
  {
    what: 'digits that moved from one number to the next',
    make: 'create table T (id int primary key, a int, b int)',
    both: ['insert into T values (1, 12, 3)'],
    gcp: ['update T set a = 1, b = 23'],
    found: [['DIFFERENT', 'id=1', 'a,b']],
  },
  {
    what: 'a row whose text is long',
    make: `create table T (id int primary key, ${Array.from({ length: 16 }, (_, at) => `c${at} varchar(900)`).join(', ')})`,
    both: [`insert into T values (1, ${Array.from({ length: 16 }, () => "repeat('😀', 900)").join(', ')})`],
    gcp: ["update T set c15 = concat(repeat('😀', 899), '😁')"],
    found: [['DIFFERENT', 'id=1', 'c15']],
  },
  {
    what: 'a table that one side lacks rows of altogether',
    make: 'create table T (id int primary key, v int)',
    azure: ['insert into T values (1, 1), (2, 2)'],
    found: [
      ['ONLY_AZURE', 'id=1'],
      ['ONLY_AZURE', 'id=2'],
    ],
  },
  {
    what: 'many rows that only the other side has',
    make: 'create table T (id int primary key, v int)',
    gcp: [
      'insert into T with recursive n as (select 1 as i union all select i + 1 from n where i < 1000) select i, i from n where i > 997',
    ],
    found: [
      ['ONLY_GCP', 'id=998'],
      ['ONLY_GCP', 'id=999'],
      ['ONLY_GCP', 'id=1000'],
    ],
  },
  ...[1, 1000, 1001, 5000].map(
    (id): Plant => ({
      what: `a row at the border of a chunk that is missing, ${id}`,
      ...many(1),
      gcp: [`delete from T where id = ${id}`],
      found: [['ONLY_AZURE', `id=${id}`]],
    }),
  ),
  ...[0, 5001].map(
    (id): Plant => ({
      what: `a row beyond all others that is too many, ${id}`,
      ...many(1),
      gcp: [`insert into T values (${id}, 'v')`],
      found: [['ONLY_GCP', `id=${id}`]],
    }),
  ),
  {
    what: 'gaps of 10⁹ between keys',
    ...many(1_000_000_000),
    gcp: ["update T set v = 'w' where id = 2500000000000", "insert into T values (2500000000001, 'x')"],
    found: [
      ['DIFFERENT', 'id=2500000000000', 'v'],
      ['ONLY_GCP', 'id=2500000000001'],
    ],
  },
  keyed(
    'keys BIGINT UNSIGNED',
    'bigint unsigned',
    ['0', '18446744073709551614', '18446744073709551615'],
    '18446744073709551615',
    '18446744073709551613',
    ['18446744073709551615', '18446744073709551613'],
  ),
  keyed('keys below zero', 'int', ['-5', '0', '5'], '-5', '-6', ['-5', '-6']),
  keyed(
    'keys DECIMAL',
    'decimal(30, 10)',
    ['1.5', '-0.0000000001', '99999999999999999999.0000000001'],
    '99999999999999999999.0000000001',
    '99999999999999999999.0000000002',
    ['99999999999999999999.0000000001', '99999999999999999999.0000000002'],
  ),
  keyed('keys DOUBLE', 'double', ['0.1e0', '0.2e0', '1e300'], '1e300', '1.0000000000000002e300', [
    '1e300',
    '1.0000000000000002e300',
  ]),
  keyed('keys FLOAT', 'float', ['0.1e0', '16777215', '-0.5e0'], '16777215', '16777214', [
    '16777215.0',
    '16777214.0',
  ]),
  keyed(
    'keys DOUBLE of as many characters as there are',
    'double',
    ['-1.2345678901234568e-300', '2e0', '0.5e0'],
    '-1.2345678901234568e-300',
    '-1.2345678901234564e-300',
    ['-1.2345678901234568e-300', '-1.2345678901234564e-300'],
  ),
  keyed(
    'keys DATETIME',
    'datetime(6)',
    ["'2024-01-01'", "'0000-00-00'", "'9999-12-31 23:59:59.999999'"],
    "'0000-00-00'",
    "'9999-12-31 23:59:59.999998'",
    ['0000-00-00 00:00:00.000000', '9999-12-31 23:59:59.999998'],
  ),
  keyed('keys DATE', 'date', ["'2024-01-01'", "'2024-02-29'"], "'2024-02-29'", "'2024-03-01'", [
    '2024-02-29',
    '2024-03-01',
  ]),
  keyed('keys TIME', 'time', ["'-10:00:00'", "'00:00:00'"], "'-10:00:00'", "'-10:00:01'", [
    '-10:00:00',
    '-10:00:01',
  ]),
  keyed(
    'keys BINARY(16)',
    'binary(16)',
    ["x'00'", "repeat(x'ff', 16)"],
    "repeat(x'ff', 16)",
    "concat(repeat(x'ff', 15), x'27')",
    ['0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF27'],
  ),
  keyed('keys VARBINARY', 'varbinary(16)', ["x''", "x'00'", "x'0000'"], "x'00'", "x'000000'", [
    '0x00',
    '0x000000',
  ]),
  keyed(
    'keys ENUM, which sort by their place',
    "enum('z','b','a','q')",
    ["'z'", "'b'", "'a'"],
    "'b'",
    "'q'",
    ['b', 'q'],
  ),
  keyed('keys BIT', 'bit(10)', ["b'1'", "b'1000000000'"], "b'1'", "b'11'", ['1', '3']),
  keyed('keys YEAR', 'year', ['2000', '2024'], '2000', '2025', ['2000', '2025']),
  keyed(
    'keys of text',
    'varchar(20)',
    ["'a'", "'Z'", "'é'", "'it''s'", "'back\\\\slash'"],
    "'it''s'",
    "'ä\"x'",
    ["it's", 'ä"x'],
  ),
  keyed(
    'keys of text that pad',
    'varchar(20) collate utf8mb4_general_ci',
    ["''", "'b'", "'c d'"],
    "'c d'",
    "'c  d'",
    ['c d', 'c  d'],
  ),
  keyed('keys of text in latin1', 'varchar(20) character set latin1', ["'é'", "'f'"], "'é'", "'ü'", [
    'é',
    'ü',
  ]),
  {
    what: 'keys that the collation takes for one',
    make: 'create table T (k varchar(20) collate utf8mb4_general_ci primary key, v int)',
    both: ["insert into T values ('a', 1), ('b', 2), ('c', 3)"],
    gcp: ["update T set k = 'B' where k = 'b'", "update T set k = 'c ' where k = 'c'"],
    found: [
      ['DIFFERENT', 'k=b', 'k'],
      ['DIFFERENT', 'k=c', 'k'],
    ],
  },
  {
    what: 'keys that a 0900 collation takes for one',
    make: 'create table T (k varchar(20) primary key, v int)',
    both: ["insert into T values ('resume', 1), ('b', 2)"],
    gcp: ["update T set k = 'Résumé' where k = 'resume'"],
    found: [['DIFFERENT', 'k=resume', 'k']],
  },
  {
    what: 'keys of which one character counts as two',
    make: 'create table T (k varchar(20) collate utf8mb4_unicode_ci primary key, v int)',
    both: ["insert into T values ('straße', 1), ('ﬁne', 2), ('x', 3)"],
    gcp: ["update T set k = 'STRASSE' where k = 'straße'", "update T set k = 'x ' where k = 'x'"],
    found: [
      ['DIFFERENT', 'k=straße', 'k'],
      ['DIFFERENT', 'k=x', 'k'],
    ],
  },
  ...[
    ['big5_chinese_ci', "x'a373'", "x'a36d'", 'ω'],
    ['tis620_thai_ci', "x'61'", "x'6100'", 'a'],
  ].map(
    ([collation = '', one = '', other = '', shown = '']): Plant => ({
      what: `keys whose weights are equal though they are not, ${collation}`,
      make: `create table T (k varchar(20) character set ${collation.split('_')[0]} collate ${collation} primary key, v int)`,
      both: [`insert into T values (${one}, 1), (${other}, 2)`],
      gcp: [`update T set v = 9 where k = ${one} and v = 1`],
      found: [['DIFFERENT', `k=${shown}`, 'v']],
    }),
  ),
  {
    what: 'keys of several columns, of text and numbers, one of them descending',
    make: 'create table T (a varchar(5), b date, c int, v int, primary key (a, b desc, c))',
    both: [
      `insert into T with recursive n as (select 1 as i union all select i + 1 from n where i < 1000)
        select concat('k', n.i % 3), date '2024-01-01' + interval (n.i % 10) day, m.i * 1000 + n.i, 1 from n join (select 0 as i union all select 1 union all select 2) m`,
    ],
    gcp: [
      "delete from T where a = 'k1' and b = '2024-01-05' and c = 1364",
      "update T set v = 2 where a = 'k2' and b = '2024-01-09' and c = 2698",
    ],
    found: [
      ['ONLY_AZURE', 'a=k1 b=2024-01-05 c=1364'],
      ['DIFFERENT', 'a=k2 b=2024-01-09 c=2698', 'v'],
    ],
  },
  {
    what: 'a unique key where there is no primary key',
    make: 'create table T (v int, k int not null, unique key u (k))',
    both: ['insert into T values (1, 1), (2, 2)'],
    gcp: ['update T set v = 3 where k = 2'],
    found: [['DIFFERENT', 'k=2', 'v']],
  },
  {
    what: 'a key whose collations sort differently',
    make: {
      AZURE: 'create table T (k varchar(20) collate utf8mb4_bin primary key, v int)',
      GCP: 'create table T (k varchar(20) collate utf8mb4_0900_ai_ci primary key, v int)',
    },
    both: ["insert into T values ('a', 1), ('Z', 2), ('é', 3), ('B', 4)"],
    gcp: [
      "update T set v = 9 where k = 'Z'",
      "delete from T where k = 'é'",
      "update T set k = 'b' where k = 'B'",
    ],
    found: [
      ['DIFFERENT', 'k=Z', 'v'],
      ['ONLY_AZURE', 'k=é'],
      ['ONLY_AZURE', 'k=B'],
      ['ONLY_GCP', 'k=b'],
    ],
  },
  {
    what: 'pairs of equal rows where there is no key',
    make: 'create table T (a int, b varchar(5))',
    azure: ["insert into T values (1, 'x'), (1, 'x'), (2, null)"],
    gcp: ["insert into T values (3, 'y'), (3, 'y'), (2, null)"],
    found: [
      ['ONLY_AZURE', null],
      ['ONLY_GCP', null],
    ],
  },
  {
    what: 'the number of equal rows where there is no key',
    make: 'create table T (a int, b varchar(5))',
    azure: ["insert into T values (1, 'x'), (1, 'x'), (1, 'x')"],
    gcp: ["insert into T values (1, 'x')"],
    found: [['DIFFERENT', null]],
  },
  {
    what: 'a key that one side has by itself, as Azure makes it',
    make: {
      AZURE:
        'create table T (my_row_id bigint unsigned not null auto_increment invisible primary key, a int)',
      GCP: 'create table T (a int)',
    },
    azure: ['insert into T (a) values (1), (2), (3)'],
    gcp: ['insert into T (a) values (3), (2)'],
    found: [['ONLY_AZURE', null]],
  },

  equal('INT and BIGINT, with a width', 'int(9) zerofill', 'bigint', '42'),
  equal('latin1 and utf8mb4', 'varchar(20) character set latin1', 'varchar(20)', "'café'"),
  equal('utf16 and utf8mb3', 'text character set utf16', 'mediumtext character set utf8mb3', "'café'"),
  equal('DATETIME of other precisions', 'datetime', 'datetime(6)', "'2024-01-01 10:00:00'"),
  equal('TIME of other precisions', 'time(2)', 'time(4)', "'-10:00:00.25'"),
  equal('ENUM in another order', "enum('a','b')", "enum('b','a')", "'b'"),
  equal('SET in another order', "set('a','b','c')", "set('c','b','a')", "'a,c'"),
  equal('BIT of another width', 'bit(4)', 'bit(20)', "b'101'"),
  equal('JSON written otherwise', 'json', 'json', [`'{"b": 1, "a": [1,2]}'`, `'{"a":[1, 2],   "b":1}'`]),
  equal('CHAR and VARCHAR', 'char(10)', 'varchar(10)', "'abc'"),
  equal('columns that may be null on one side', 'varchar(10) not null', 'varchar(10)', "'N'"),
  {
    what: 'computed columns',
    make: 'create table T (id int primary key, a int, b int as (a + 1) stored, c int as (a * 2))',
    both: ['insert into T (id, a) values (1, 1)'],
    found: [],
  },
  {
    what: 'rows in another order, with other counters',
    make: 'create table T (id int auto_increment primary key, v int)',
    azure: ['insert into T values (1, 1), (2, 2)'],
    gcp: ['insert into T values (2, 2), (9, 9), (1, 1)', 'delete from T where id = 9'],
    found: [],
  },
  { what: 'an empty table', make: 'create table T (id int primary key)', found: [] },
  { what: 'an empty table without a key', make: 'create table T (id int)', found: [] },
  value('JSON whose numbers are spelled otherwise', 'json', `'{"a": 1}'`, `'{"a": 1.0}'`),
  value(
    'JSON whose numbers are spelled otherwise, among others',
    'json',
    `'{"a": [1, {"b": -2}]}'`,
    `'{"a": [1.0, {"b": -2}]}'`,
  ),
  value('JSON with a DECIMAL', 'json', "json_object('a', 169.090000)", `'{"a": 169.09}'`),
  value(
    'JSON with DECIMALs under odd names, and in lists',
    'json',
    `json_array(1.5, json_object('a "b".c$', json_array(0.10, 0.00, -0.5)), 12345678901234567890.12345678901, 123456789012345678901234567890)`,
    'json_array(1.5)',
  ),
  value('JSON that is a DECIMAL', 'json', 'cast(1.50 as json)', 'cast(1.5 as json)'),
  value(
    'JSON numbers as large as there are',
    'json',
    "'[18446744073709551615, -9223372036854775808, 1e308, -0.0]'",
    "'[0]'",
  ),
  value('JSON keys of another case', 'json', `'{"a": 1, "A": 2}'`, `'{"a": 2, "A": 1}'`),
  value('JSON true and its text', 'json', `'{"a": true}'`, `'{"a": "true"}'`),
  value('JSON with an empty text and null', 'json', `'[""]'`, `'[null]'`),
  value('FLOAT 0 and -0', 'float not null', '0', '-0e0'),
  value('FLOAT and the smallest that it holds', 'float', '1.17549e-38', '0'),
  value('DOUBLE and the smallest that it holds', 'double', '2.2250738585072014e-308', '0'),
  value('DOUBLE below that', 'double', '2.2250738585072014e-308 / 3e0', '0'),
  value(
    'DOUBLE, negative, and the smallest but for zero',
    'double',
    '-2.2250738585072014e-308 / 4503599627370496e0',
    '-0e0',
  ),
  value(
    'JSON and the smallest DOUBLE that it holds',
    'json',
    `json_array(2.2250738585072014e-308)`,
    `'[0.0]'`,
  ),
  value('DOUBLE and the largest that it holds', 'double', '1.7976931348623157e308', '1.7976931348623155e308'),
  value('DECIMAL and its sign', 'decimal(5, 3)', '-0.001', '0.001'),
  value(
    'TIMESTAMP in the hour that a clock repeats',
    'timestamp null',
    "'2024-10-27 00:30:00'",
    "'2024-10-27 01:30:00'",
  ),
  value('TIMESTAMP of zeros and NULL', 'timestamp null', "'0000-00-00 00:00:00'", 'null'),
  value('a YEAR of zeros and NULL', 'year', '0000', 'null'),
  value('a character beyond the BMP and the question mark it becomes', 'varchar(10)', "'😀'", "'?'"),
  value('VARCHAR and a no-break space', 'varchar(10)', "'a b'", "_utf8mb4 x'61c2a062'"),
  value('VARCHAR and a zero-width joiner', 'varchar(10)', "'ab'", "_utf8mb4 x'61e2808d62'"),
  value('VARCHAR and the end of its line', 'varchar(10)', "'a\\n'", "'a\\r\\n'"),
  value('VARCHAR that looks as a length and a value', 'varchar(20)', "'1:a'", "'11:a'"),
  value('CHAR of another alphabet', 'char(3)', "'AHB'", "'АНВ'"),
  value(
    'SET beyond 32 items',
    `set(${Array.from({ length: 64 }, (_, at) => `'i${at}'`).join(',')})`,
    "'i63'",
    "'i62'",
  ),
  value(
    'MULTIPOINT in another order',
    'multipoint',
    "st_geomfromtext('multipoint(1 1, 2 2)')",
    "st_geomfromtext('multipoint(2 2, 1 1)')",
  ),
  value('a row of 16 MB', 'longblob', "repeat('x', 16000000)", "concat(repeat('x', 15999999), 'y')", "'z'"),
  {
    what: 'one of 100 columns, of each type in turn',
    make: `create table T (id int primary key, ${Array.from({ length: 100 }, (_, at) => `c${at} ${['int', 'varchar(200)', 'decimal(20, 5)', 'datetime(6)', 'double'][at % 5]}`).join(', ')})`,
    both: ["insert into T (id, c0, c51, c97) values (1, 1, 'a', 1.5), (2, 1, 'a', 1.5)"],
    gcp: ['update T set c97 = 1.50001, c98 = now(6) where id = 2'],
    found: [['DIFFERENT', 'id=2', 'c97,c98']],
  },
  {
    what: 'a NULL that moved along 100 columns',
    make: `create table T (id int primary key, ${Array.from({ length: 100 }, (_, at) => `c${at} char(1)`).join(', ')})`,
    both: [`insert into T values (1${", 'N'".repeat(100)})`],
    azure: ['update T set c41 = null'],
    gcp: ['update T set c42 = null'],
    found: [['DIFFERENT', 'id=1', 'c41,c42']],
  },
  {
    what: 'keys from the smallest BIGINT to the largest',
    make: 'create table T (id bigint primary key, v int)',
    both: ['insert into T values (-9223372036854775808, 1), (-1, 1), (0, 1), (9223372036854775807, 1)'],
    gcp: [
      'update T set v = 2 where id in (-9223372036854775808, 9223372036854775807)',
      'delete from T where id = -1',
    ],
    found: [
      ['DIFFERENT', 'id=-9223372036854775808', 'v'],
      ['DIFFERENT', 'id=9223372036854775807', 'v'],
      ['ONLY_AZURE', 'id=-1'],
    ],
  },
  {
    what: 'a table in partitions, of which one side has others',
    make: {
      AZURE:
        'create table T (id int primary key, v int) partition by range (id) (partition a values less than (10), partition b values less than maxvalue)',
      GCP: 'create table T (id int primary key, v int) partition by hash (id) partitions 3',
    },
    both: ['insert into T values (1, 1), (9, 1), (10, 1), (11, 1), (500, 1)'],
    gcp: ['update T set v = 2 where id = 10', 'delete from T where id = 500'],
    found: [
      ['DIFFERENT', 'id=10', 'v'],
      ['ONLY_AZURE', 'id=500'],
    ],
  },
  {
    what: 'an ENUM of other items, one of which both have',
    make: {
      AZURE: "create table T (id int primary key, v enum('a','b','c'))",
      GCP: "create table T (id int primary key, v enum('c','x','b'))",
    },
    azure: ["insert into T values (1, 'b'), (2, 'c'), (3, 'a')"],
    gcp: ["insert into T values (1, 'b'), (2, 'c'), (3, 'x')"],
    found: [['DIFFERENT', 'id=3', 'v']],
  },
  {
    what: 'a computed column that one side stores by hand',
    make: {
      AZURE: 'create table T (id int primary key, a int, b int as (a + 1) stored)',
      GCP: 'create table T (id int primary key, a int, b int)',
    },
    azure: ['insert into T (id, a) values (1, 1), (2, 2)'],
    gcp: ['insert into T (id, a, b) values (1, 1, 2), (2, 2, 4)'],
    found: [['DIFFERENT', 'id=2', 'b']],
  },
  {
    what: 'invisible columns, and a comment in their type',
    make: {
      AZURE: "create table T (id int primary key, a int invisible comment 'x', b varchar(5) invisible)",
      GCP: 'create table T (id int primary key, a int, b varchar(5))',
    },
    both: ["insert into T (id, a, b) values (1, 1, 'x'), (2, 2, 'y')"],
    gcp: ["update T set b = 'z' where id = 2"],
    found: [['DIFFERENT', 'id=2', 'b']],
  },
  {
    what: 'columns in another order and of another case',
    make: {
      AZURE: 'create table T (Id int primary key, `a b` int, `c``d` int)',
      GCP: 'create table T (`C``D` int, `A B` int, id int primary key)',
    },
    azure: ['insert into T values (1, 2, 3), (2, 2, 3)'],
    gcp: ['insert into T values (3, 2, 1), (3, 4, 2)'],
    found: [['DIFFERENT', 'Id=2', 'a b']],
  },
  {
    what: 'keys of text whose bytes differ by a blank, a case and an accent at once',
    make: 'create table T (a varchar(10) collate utf8mb4_0900_as_cs, b char(4) collate utf8mb4_bin, primary key (a, b))',
    both: ["insert into T values ('a', 'x'), ('A', 'x'), ('á', 'x'), ('a ', 'x'), ('a', 'X')"],
    gcp: ["delete from T where a = 'á'", "insert into T values ('Á', 'x')"],
    found: [
      ['ONLY_AZURE', 'a=á b=x'],
      ['ONLY_GCP', 'a=Á b=x'],
    ],
  },
  {
    what: 'rows without a key that differ by their case alone, and NULLs',
    make: 'create table T (a varchar(5), b int)',
    azure: ["insert into T values ('x', null), (null, null), (null, null)"],
    gcp: ["insert into T values ('X', null), (null, null), (null, null)"],
    found: [
      ['ONLY_AZURE', null],
      ['ONLY_GCP', null],
    ],
  },
  {
    what: 'a compressed row format beside a dynamic one',
    make: {
      AZURE: 'create table T (id int primary key, v text) row_format = compressed',
      GCP: 'create table T (id int primary key, v text) row_format = redundant',
    },
    both: ["insert into T values (1, repeat('x', 9000)), (2, 'a')"],
    gcp: ["update T set v = 'b' where id = 2"],
    found: [['DIFFERENT', 'id=2', 'v']],
  },
  equal('-0 and 0 as a whole number', 'int', 'double', ['0', '0']),
  equal('JSON with a date of its own type, and its text', 'json', 'json', [
    "json_array(date '2024-01-01')",
    `'["2024-01-01"]'`,
  ]),
  equal('DECIMAL of another scale', 'decimal(10, 2)', 'decimal(12, 4)', '1.5'),
  equal('DECIMAL of another scale, below zero', 'decimal(65, 30)', 'decimal(40, 2)', '-0.01'),
  equal('DECIMAL and INT', 'decimal(20, 3)', 'bigint', '-42'),
  {
    what: 'DECIMAL of another scale, at a digit that one side lacks',
    make: {
      AZURE: 'create table T (id int primary key, v decimal(10, 4) null)',
      GCP: 'create table T (id int primary key, v decimal(10, 2) null)',
    },
    azure: ['insert into T values (1, 1.5), (2, 1.5001), (3, null)'],
    gcp: ['insert into T values (1, 1.5), (2, 1.5), (3, null)'],
    found: [['DIFFERENT', 'id=2', 'v']],
  },
  equal('FLOAT and DOUBLE of a number that both hold', 'float', 'double', '0.5'),
  equal('utf8mb3 and utf8mb4', 'varchar(10) character set utf8mb3', 'varchar(10)', "'é漢'"),
  equal('TINYINT(1) and BIT', 'tinyint(1)', 'bit(1)', "b'1'"),
  equal('VARBINARY and BLOB', 'varbinary(10)', 'blob', "x'00ff'"),
  equal('TEXT and VARCHAR', 'text', 'varchar(100)', "'abc'"),
  equal('unsigned and signed', 'int unsigned', 'bigint', '42'),
  {
    what: 'a column that one side lacks',
    make: {
      AZURE: 'create table T (id int primary key, a int, b int)',
      GCP: 'create table T (id int primary key, a int)',
    },
    azure: ['insert into T values (1, 1, 1)'],
    gcp: ['insert into T values (1, 1)'],
    found: [],
    verdict: 'PARTIAL',
  },
  value('BIT whose last bits are padded', 'bit(10)', "b'0000000001'", "b'1000000001'"),
  equal('BIT of another width', 'bit(9)', 'bit(64)', "b'101'"),
  equal('SET of items in another order', "set('a','b','c')", "set('c','b','a')", "'a,c'"),
  equal('JSON whose keys come in another order', 'json', 'json', [
    `'{"b": 1, "aa": 2}'`,
    `'{"aa": 2, "b": 1}'`,
  ]),
  value('JSON 1 and 1.0', 'json', "'[1]'", "'[1.0]'"),
  value('JSON 1e2 and 100', 'json', `'{"a": 1e2}'`, `'{"a": 100}'`),
  value('JSON 0 and -0.0', 'json', "'[0.0]'", "'[-0.0]'"),
  value(
    'TIMESTAMP in the hour that the clock goes back',
    'timestamp null',
    'from_unixtime(1729989000)',
    'from_unixtime(1729992600)',
  ),
  value('DOUBLE NULL and -0', 'double', 'null', '-0e0'),
  value('FLOAT 0 and -0', 'float', '0', '-0e0'),
  value(
    'POINT in another order of axes',
    'point',
    "st_geomfromtext('point(1 2)', 4326)",
    "st_geomfromtext('point(2 1)', 4326)",
  ),
  value('GEOMETRY empty and NULL', 'geometry', "st_geomfromtext('geometrycollection empty')", 'null'),
  equal('GEOMETRY and POINT with SRID', 'geometry', 'point srid 4326', "st_geomfromtext('point(1 2)', 4326)"),
  keyed('keys DOUBLE 0', 'double', ['0', '1', '2'], '1', '1.0000000000000002', ['1.0', '1.0000000000000002']),
  {
    what: 'a computed column that each side computes otherwise',
    make: {
      AZURE: 'create table T (id int primary key, a int, b int as (a + 1) stored)',
      GCP: 'create table T (id int primary key, a int, b int as (a + 2) virtual)',
    },
    both: ['insert into T (id, a) values (1, 1), (2, 2)'],
    gcp: ['update T set a = 3 where id = 2'],
    found: [['DIFFERENT', 'id=2', 'a']],
  },
  {
    what: 'utf8mb3 beside utf8mb4, of a character that one side cannot hold',
    make: {
      AZURE: 'create table T (id int primary key, v varchar(10) character set utf8mb3)',
      GCP: 'create table T (id int primary key, v varchar(10) character set utf8mb4)',
    },
    azure: ["insert into T values (1, 'é'), (2, '?')"],
    gcp: ["insert into T values (1, 'é'), (2, '😀')"],
    found: [['DIFFERENT', 'id=2', 'v']],
  },
  {
    what: 'a key that the collation takes for one, in CHAR whose blanks are padded',
    make: 'create table T (k char(5) collate utf8mb4_0900_bin primary key, v int)',
    azure: ["insert into T values ('a', 1), ('b', 1)"],
    gcp: ["insert into T values ('A', 1), ('b', 1)"],
    found: [
      ['ONLY_AZURE', 'k=a'],
      ['ONLY_GCP', 'k=A'],
    ],
  },
  {
    what: 'a key of ENUM whose items stand in another order',
    make: {
      AZURE: "create table T (k enum('a','b','c') primary key, v int)",
      GCP: "create table T (k enum('c','a','b') primary key, v int)",
    },
    both: ["insert into T values ('a', 1), ('b', 1), ('c', 1)"],
    gcp: ["update T set v = 2 where k = 'b'", "delete from T where k = 'c'"],
    found: [
      ['ONLY_AZURE', null],
      ['ONLY_AZURE', null],
      ['ONLY_GCP', null],
    ],
  },
  {
    what: 'a key DATETIME of another precision, and one TIMESTAMP',
    make: {
      AZURE: 'create table T (k timestamp(0) primary key, v int)',
      GCP: 'create table T (k timestamp(6) primary key, v int)',
    },
    both: [
      'insert into T values (from_unixtime(1729989000), 1), (from_unixtime(1729992600), 1), (from_unixtime(1711846800), 1)',
    ],
    gcp: ['update T set v = 2 where k = from_unixtime(1729992600)'],
    found: [['DIFFERENT', 'k=2024-10-27 01:30:00', 'v']],
  },
];
