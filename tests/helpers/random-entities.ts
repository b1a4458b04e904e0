import { EntitySchema } from '@mikro-orm/mysql';
import type { Dice } from './random-schema.ts';

/** Columns that every table has, so that any expression of the lists below has what it names. */
const columns = {
  id: { type: 'number', primary: true, autoincrement: true, columnType: 'int' },
  name: { type: 'string', length: 50 },
  email: { type: 'string', length: 100, nullable: true },
  age: { type: 'number', columnType: 'int' },
  price: { type: 'decimal', precision: 8, scale: 2 },
  discount: { type: 'decimal', precision: 8, scale: 2, nullable: true },
  status: { type: 'string', columnType: "enum('new','open','it''s done')" },
  doc: { type: 'json', columnType: 'json', nullable: true },
  born: { type: 'date', columnType: 'date' },
  died: { type: 'date', columnType: 'date', nullable: true },
  seen: { type: 'datetime', columnType: 'datetime(3)', nullable: true },
  bits: { type: 'number', columnType: 'bit(4)', nullable: true },
  active: { type: 'boolean' },
} as const;

/** Checks as people write them. */
const checks: readonly string[] = [
  'age > 0',
  'age >= 0 and age <= 150',
  'age between 0 and 150',
  'age not between 200 and 300',
  'not age < 0',
  'NOT (age < 0 OR age > 150)',
  'age in (1, 2, 3)',
  'age not in (-1, -2)',
  'age <> -1',
  'age != 5',
  'age % 2 = 0',
  'age mod 7 <> 3',
  'mod(age, 7) <> 3',
  'age div 2 < 100',
  'age * 2 + 1 < 1000',
  'age - 1 >= -1',
  '-age < 1',
  'age & 1 = 0',
  'age | 1 > 0',
  'age ^ 1 > 0',
  'age << 1 < 1024',
  '~age <> 0',
  'age is not null',
  'age = 1 or age = 2 xor age = 3',
  '(age = 1 or age = 2) and age <> 4',
  'age > 0 && age < 200',
  'price >= 0',
  'price > 0.5',
  'price >= 0.00',
  'price < 1e6',
  'price * 1.19 < 10000',
  'price - coalesce(discount, 0) >= 0',
  'discount is null or discount <= price',
  'discount is null or discount between 0 and price',
  'ifnull(discount, 0) >= 0',
  'nullif(discount, 0) is null or price > 0',
  'greatest(price, 1) > 0',
  'round(price, 2) = price',
  'abs(age) < 200',
  'floor(price) <= price',
  "name <> ''",
  "name != 'admin'",
  "name like 'a%'",
  "name not like '%\\\\_%'",
  "name like '%|_%' escape '|'",
  "name regexp '^[a-z]+$'",
  "name not regexp '[0-9]'",
  "name rlike '^a'",
  "regexp_like(name, '^[a-z]+$', 'i')",
  'char_length(name) > 2',
  'length(name) >= 2',
  'length(trim(name)) > 0',
  "trim(both ' ' from name) <> ''",
  'name = lower(name)',
  'upper(name) <> lower(name)',
  "concat(name, 'x') <> 'x'",
  "left(name, 1) <> ' '",
  "substring(name, 1, 1) <> ' '",
  "substr(name from 1 for 1) <> '-'",
  "locate('@', email) > 1",
  "position('@' in email) > 1",
  "email like '%@%' or email is null",
  "replace(name, ' ', '') <> ''",
  "strcmp(name, 'a') >= 0",
  "name in ('a', 'b', 'it''s')",
  'name = binary name',
  'cast(name as binary) <> 0x00',
  "name collate utf8mb4_bin <> 'A'",
  "convert(name using latin1) <> ''",
  "status in ('new', 'open')",
  "status = 'new' or email is not null",
  "(case when status = 'new' then age else 1 end) > 0",
  "case status when 'new' then 1 when 'open' then 2 else 3 end < 4",
  "if(status = 'new', age, 1) > 0",
  "born > '1900-01-01'",
  "born >= date '1900-01-01'",
  'died is null or died >= born',
  "died is null or born <= died and died < '2100-01-01'",
  'year(born) > 1900',
  'extract(year from born) > 1900',
  'month(born) between 1 and 12',
  'datediff(died, born) < 50000',
  'date_add(born, interval 150 year) > died',
  'born + interval 150 year > died',
  'date(seen) >= born',
  'timestampdiff(year, born, died) < 150',
  "date_format(born, '%Y') > '1900'",
  'json_valid(doc)',
  "json_type(doc) = 'OBJECT'",
  "doc->'$.a' is null",
  "doc->>'$.a' <> 'x'",
  "json_extract(doc, '$.a') is null",
  "json_unquote(json_extract(doc, '$.a')) <> 'x'",
  "json_contains_path(doc, 'one', '$.a') = 1",
  'json_length(doc) < 10',
  "bits <> b'0000'",
  "bits = b'1010' or bits is null",
  'active in (true, false)',
  'active = true',
  'active is true or active is false',
  'not active or age > 18',
  'active is not unknown',
  'age <=> 5 or age >= 0',
  'cast(age as unsigned) < 200',
  'cast(price as decimal(10, 1)) < 1000.5',
  'convert(age, char) <> ""',
  "name <> 'männlich'",
  "name <> 'a\\\\b'",
  "name <> '?'",
  '`name` <> `email`',
  'crc32(name) > 0',
  "sha2(name, 256) <> ''",
  'interval(age, 10, 20) < 3',
  "field(name, 'a', 'b') < 3",
  'inet_aton(name) is null',
  'isnull(email) or age > 0',
];

/** Types with what they are by default. */
const typed: readonly Record<string, unknown>[] = [
  { type: 'decimal' },
  { type: 'decimal', default: 0 },
  { type: 'decimal', precision: 10, scale: 3, default: 0 },
  { type: 'decimal', precision: 6, scale: 2, default: 1.5 },
  { type: 'decimal', columnType: 'numeric(7,2)', defaultRaw: '.5' },
  { type: 'number', columnType: 'bit(4)', defaultRaw: "b'0101'" },
  { type: 'number', columnType: 'bit(1)', defaultRaw: "b'1'" },
  { type: 'number', columnType: 'bit', defaultRaw: '1' },
  { type: 'Buffer', columnType: 'varbinary(16)', defaultRaw: "'unknown'" },
  { type: 'Buffer', columnType: 'varbinary(16)', defaultRaw: '0x00FF01' },
  { type: 'Buffer', columnType: 'binary(4)', defaultRaw: "'ab'" },
  { type: 'Buffer', columnType: 'binary(16)', defaultRaw: '(uuid_to_bin(uuid()))' },
  { type: 'string', columnType: "enum('a','b')", default: 'b' },
  { type: 'string', columnType: "ENUM('a', 'b', 'it''s')", defaultRaw: "'it''s'" },
  { type: 'string', columnType: "set('x','y','z')", defaultRaw: "'x,z'" },
  { type: 'json', columnType: 'json', defaultRaw: '(json_array())' },
  { type: 'json', columnType: 'json', defaultRaw: "('{}')" },
  { type: 'json', columnType: 'json', defaultRaw: "(json_object('a', 1))" },
  { type: 'string', columnType: 'text', defaultRaw: "('none')" },
  { type: 'string', columnType: 'varchar(36)', defaultRaw: '(uuid())' },
  { type: 'string', columnType: 'varchar(20)', defaultRaw: "'it''s'" },
  { type: 'string', columnType: 'varchar(20)', default: 'männlich' },
  { type: 'string', columnType: 'VARCHAR(20)', default: '' },
  { type: 'string', columnType: 'varchar(20)', default: '0' },
  { type: 'string', columnType: 'varchar(20)', default: 'true' },
  { type: 'string', columnType: 'varchar(20)', default: 'CURRENT_TIMESTAMP' },
  { type: 'string', columnType: 'varchar(20)', defaultRaw: "(concat('a', 'b'))" },
  { type: 'string', columnType: 'national varchar(20)' },
  { type: 'string', columnType: 'character varying(20)' },
  { type: 'string', columnType: 'char(2)', default: 'DE', collation: 'utf8mb4_bin' },
  { type: 'string', columnType: 'varchar(20) character set ascii' },
  { type: 'string', columnType: 'mediumtext', nullable: true },
  { type: 'boolean', default: true },
  { type: 'boolean', default: false },
  { type: 'boolean', columnType: 'boolean' },
  { type: 'number', columnType: 'integer', default: 7 },
  { type: 'number', columnType: 'int(11)', default: -1 },
  { type: 'number', columnType: 'int', unsigned: true, default: 3 },
  { type: 'number', columnType: 'bigint unsigned', default: 0 },
  { type: 'number', columnType: 'tinyint', default: 0 },
  { type: 'number', columnType: 'year', defaultRaw: '2000' },
  { type: 'number', columnType: 'double precision', default: 0.1 },
  { type: 'number', columnType: 'double', defaultRaw: '1e3' },
  { type: 'number', columnType: 'float', defaultRaw: '0.25' },
  { type: 'number', columnType: 'int', defaultRaw: '(1 + 2)' },
  { type: 'number', columnType: 'real' },
  { type: 'datetime', columnType: 'datetime', defaultRaw: 'current_timestamp' },
  { type: 'datetime', columnType: 'datetime', defaultRaw: 'now()' },
  {
    type: 'datetime',
    columnType: 'datetime(3)',
    defaultRaw: 'current_timestamp(3)',
    extra: 'on update current_timestamp(3)',
  },
  { type: 'datetime', columnType: 'timestamp', defaultRaw: 'current_timestamp()' },
  { type: 'datetime', columnType: 'datetime', defaultRaw: "'2020-01-01'" },
  { type: 'datetime', length: 6, nullable: true },
  { type: 'date', columnType: 'date', defaultRaw: '(curdate())' },
  { type: 'date', columnType: 'date', defaultRaw: '(current_date + interval 1 day)' },
  { type: 'time', columnType: 'time', defaultRaw: "'8:00'" },
  { type: 'string', columnType: 'char(36)', nullable: true },
];

/** What a generated column computes, with its type. */
const generated: readonly (readonly [type: string, sql: string])[] = [
  ['decimal(12,2)', 'price * 1.19'],
  ['decimal(12,2)', 'price - ifnull(discount, 0)'],
  ['varchar(160)', "concat(name, ' <', email, '>')"],
  ['varchar(160)', "concat_ws(', ', name, email)"],
  ['varchar(50)', 'lower(name)'],
  ['varchar(50)', "if(active, name, 'männlich')"],
  ['varchar(50)', "case when age > 17 then 'adult' else 'minor' end"],
  ['varchar(50)', "doc->>'$.name'"],
  ['int', "cast(json_extract(doc, '$.n') as signed)"],
  ['int', 'year(born)'],
  ['int', 'timestampdiff(year, born, died)'],
  ['date', 'born + interval 1 month'],
  ['tinyint(1)', "name regexp '^a'"],
  ['tinyint(1)', 'age between 1 and 5'],
  ['bigint', 'age << 2 | 1'],
];

/** An index that is written by hand: the rest of the statement. */
const indexed: readonly string[] = [
  '((lower(`name`)))',
  "((concat(name, '-', age)))",
  '((year(born)), name desc)',
  '((price - ifnull(discount, 0)))',
  '(name(10), (upper(email)) desc)',
  "((cast(doc->>'$.name' as char(20)) collate utf8mb4_bin))",
  '((case when active then age end))',
  '(age) invisible',
  "(born) comment 'by birth'",
];

/** Entities of one or two tables, with whatever of the above. */
export function randomEntities(random: Dice): EntitySchema[] {
  const some = <T>(list: readonly T[], most: number) => [
    ...new Set(Array.from({ length: 1 + random.below(most) }, () => random.pick(list))),
  ];
  const has = () => ({
    checks: some(checks, 8),
    typed: some(typed, 6),
    generated: some(generated, 3).map((one) => [...one, random.chance(0.5) ? 'stored' : 'virtual'] as const),
    indexed: some(indexed, 2),
  });
  const first = entity(0, has());
  return random.chance(0.5) ? [first] : [first, entity(1, has(), first)];
}

/** One entity with all of it. */
export function everyEntity(): EntitySchema[] {
  return [
    entity(0, {
      checks,
      typed,
      generated: generated.flatMap((one) => [[...one, 'stored'] as const, [...one, 'virtual'] as const]),
      indexed,
    }),
  ];
}

/** One entity with a little of each: its columns `c…` are the first of the types, in their order. */
export function smallEntity(): EntitySchema[] {
  return [
    entity(0, {
      checks: ["name regexp '^[a-z]+$'", 'price between 0 and 100'],
      typed: typed.slice(0, 9),
      generated: [['decimal(12,2)', 'price * 1.19', 'virtual']],
      indexed: indexed.slice(0, 1),
    }),
  ];
}

function entity(
  at: number,
  has: {
    readonly checks: readonly string[];
    readonly typed: readonly Record<string, unknown>[];
    readonly generated: readonly (readonly [type: string, sql: string, kind: string])[];
    readonly indexed: readonly string[];
  },
  parent?: EntitySchema,
): EntitySchema {
  const table = `t${at}`;
  const properties: Record<string, unknown> = { ...columns };
  has.typed.forEach((type, n) => {
    properties[`c${n}`] = type;
  });
  has.generated.forEach(([columnType, sql, kind], n) => {
    properties[`g${n}`] = { type: 'string', columnType, nullable: true, generated: `(${sql}) ${kind}` };
  });
  if (parent !== undefined)
    properties.parent = { kind: 'm:1', entity: () => parent, nullable: true, fieldName: 'parent_id' };
  return new EntitySchema({
    name: `T${at}`,
    tableName: table,
    properties: properties as never,
    checks: has.checks.map((expression, n) => ({ name: `${table}_check_${n}`, expression })),
    indexes: [
      ...has.indexed.map((rest, n) => ({
        name: `${table}_index_${n}`,
        expression: `create index ${table}_index_${n} on ${table} ${rest}`,
      })),
      { name: `${table}_plain`, properties: ['name', 'age'] as never },
    ],
  });
}
