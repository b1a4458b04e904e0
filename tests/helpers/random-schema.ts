/** Random numbers that a seed repeats (mulberry32). */
export interface Dice {
  /** From 0 to `below` - 1. */
  below(below: number): number;
  chance(part: number): boolean;
  pick<T>(of: readonly T[]): T;
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (below) => Math.floor(next() * below),
    chance: (part) => next() < part,
    pick: (of) => of[Math.floor(next() * of.length)] as (typeof of)[number],
  };
}

/** What the columns of a table may be; `sort` tells what fits into expressions over them. */
export interface RandomColumn {
  name: string;
  sort: 'number' | 'text' | 'other' | 'json' | 'point';
  type: string;
  /** Behind the type, such as a character set. */
  charset: string;
  nullable: boolean;
  /** With DEFAULT; empty for none. */
  initial: string;
  /** The expression, over `uses`. */
  generated: { expression: string; kind: 'stored' | 'virtual' } | null;
  uses: string[];
  autoIncrement: boolean;
  invisible: boolean;
  comment: string;
}

interface RandomIndex {
  name: string;
  what: 'index' | 'unique index' | 'fulltext index' | 'spatial index' | 'primary key';
  parts: { sql: string; column: string }[];
  rest: string;
}

interface RandomKey {
  name: string;
  column: string;
  parent: string;
  rules: string;
}

interface RandomCheck {
  name: string;
  expression: string;
  column: string;
  enforced: boolean;
}

export interface RandomTable {
  name: string;
  columns: RandomColumn[];
  indexes: RandomIndex[];
  keys: RandomKey[];
  checks: RandomCheck[];
  options: string;
  partitions: string;
}

export interface RandomSchema {
  tables: RandomTable[];
  views: { name: string; uses: string[]; sql: string; before?: string }[];
  triggers: { name: string; table: string; column: string | null; moment: string; body: string }[];
  routines: { name: string; kind: 'procedure' | 'function'; head: string; body: string; mode?: string }[];
  events: { name: string; head: string; body: string }[];
}

const id = (name: string) => `\`${name.replaceAll('`', '``')}\``;

const oddities = [
  'plain',
  'two words',
  "it's",
  'ba`ck',
  'dou"ble',
  '$dollar',
  'größe',
  '表',
  'select',
  'Key',
  'a.b',
  'x-y',
  '1st',
  'per%cent',
  'back\\slash',
  'semi;colon',
  'UPPER',
  'da',
  '_under',
  'naïve #tag',
];

/** A name that no other has, whatever its case and accents. */
export function freshName(dice: Dice, taken: Set<string>): string {
  for (;;) {
    const name = `${dice.pick(oddities)}${dice.chance(0.6) ? dice.below(90) : ''}`;
    const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    if (taken.has(plain)) continue;
    taken.add(plain);
    return name;
  }
}

const words = ['a', 'grün', "it''s", 'x\\\\y', 'ß "q"', '漢字', '', '50%', 'line\\nbreak'];
export const word = (dice: Dice) => `'${dice.pick(words)}'`;

const charsets = [
  '',
  '',
  '',
  'character set latin1',
  'character set utf8mb4 collate utf8mb4_bin',
  'collate utf8mb4_0900_as_cs',
  'character set ascii',
];

export function randomColumn(dice: Dice, taken: Set<string>): RandomColumn {
  const column: RandomColumn = {
    name: freshName(dice, taken),
    sort: 'number',
    type: 'int',
    charset: '',
    nullable: dice.chance(0.6),
    initial: '',
    generated: null,
    uses: [],
    autoIncrement: false,
    invisible: dice.chance(0.05),
    comment: dice.chance(0.15) ? word(dice) : '',
  };
  retype(dice, column);
  return column;
}

export function retype(dice: Dice, column: RandomColumn) {
  column.sort = dice.pick([
    'number',
    'number',
    'text',
    'text',
    'text',
    'other',
    'other',
    'json',
    'point',
  ] as const);
  column.charset = '';
  column.initial = '';
  const initial = (...of: string[]) => {
    column.initial = dice.chance(0.5) ? `default ${dice.pick(of)}` : '';
  };
  if (column.sort === 'number') {
    column.type = dice.pick([
      'int',
      'int',
      'bigint unsigned',
      'smallint',
      'tinyint(1)',
      'decimal(10,2)',
      'double',
    ]);
    initial('0', '7', '(1 + 2)', '(length("ä"))');
  } else if (column.sort === 'text') {
    column.type = dice.pick([
      'varchar(20)',
      'varchar(40)',
      'char(5)',
      'text',
      "enum('a','ö','x''y')",
      "set('a','b')",
    ]);
    column.charset = dice.pick(charsets);
    if (/^(enum|set)/.test(column.type)) {
      column.charset = '';
      initial("'a'");
    } else if (column.type === 'text') initial(`(${word(dice)})`, '(uuid())');
    else if (column.charset === '')
      initial("'a'", "'ä'", "'it''s'", "('männ')", "(concat('é', 'x'))", '(left(uuid(), 5))');
    else initial("'a'", "''", "('b')");
  } else if (column.sort === 'other') {
    column.type = dice.pick([
      'date',
      'datetime',
      'datetime(3)',
      'timestamp null',
      'time',
      'binary(4)',
      'varbinary(20)',
      'blob',
      'bit(5)',
      'year',
    ]);
    if (/binary/.test(column.type)) initial("'abc'", "''", "x'00ff'", "x'6100'", "'ä'");
    if (column.type === 'date') initial("'2020-02-03'", '(curdate())');
    if (column.type === 'datetime(3)')
      initial("'2020-02-03'", 'current_timestamp(3)', 'current_timestamp(3) on update current_timestamp(3)');
    if (column.type === 'datetime')
      initial("'2020-02-03 04:05:06'", 'current_timestamp', "'0000-00-00 00:00:00'");
    if (column.type === 'bit(5)') initial("b'101'", "b'0'");
    if (column.type === 'year') initial('2020');
  } else if (column.sort === 'json') {
    column.type = 'json';
    initial("(json_array('ä'))", '(json_object())');
  } else {
    column.type = dice.pick(['point', 'point srid 4326', 'point srid 0', 'geometry']);
    column.nullable = false;
  }
}

/** An expression over one column, of any type. */
export function expressionOver(dice: Dice, { name, sort }: RandomColumn): string {
  const column = id(name);
  if (sort === 'number')
    return dice.pick([`${column} * 2 + 1`, `${column} - (3 - ${column})`, `abs(${column})`]);
  if (sort === 'text')
    return dice.pick([
      `concat(${column}, ${word(dice)})`,
      `lower(${column})`,
      `replace(${column}, ${word(dice)}, 'ü')`,
    ]);
  if (sort === 'json') return `json_unquote(json_extract(${column}, '$.ä'))`;
  if (sort === 'point') return `st_srid(${column})`;
  return `hex(${column})`;
}

export function conditionOver(dice: Dice, { name, sort }: RandomColumn): string {
  const column = id(name);
  if (sort === 'number')
    return dice.pick([
      `${column} > -5`,
      `${column} between 1 and 9 or ${column} is null`,
      `not (${column} = 3)`,
    ]);
  if (sort === 'text')
    return dice.pick([
      `${column} <> ${word(dice)}`,
      `${column} in (${word(dice)}, 'x')`,
      `${column} like '%ä%'`,
      `regexp_like(${column}, '^[a-zé]*$')`,
      `char_length(${column}) < 9`,
    ]);
  return `${column} is not null`;
}

export function randomIndex(dice: Dice, table: RandomTable, taken: Set<string>): RandomIndex | null {
  const column = dice.pick(table.columns);
  const name = freshName(dice, taken);
  const rest = `${dice.chance(0.1) ? ' invisible' : ''}${dice.chance(0.1) ? ` comment ${word(dice)}` : ''}`;
  const part = (of: RandomColumn) => {
    const length = /^(text|blob)/.test(of.type)
      ? '(9)'
      : of.sort === 'text' && /^varchar/.test(of.type) && dice.chance(0.3)
        ? '(5)'
        : '';
    return { sql: `${id(of.name)}${length}${dice.chance(0.2) ? ' desc' : ''}`, column: of.name };
  };
  if (column.sort === 'point')
    return column.nullable || column.generated
      ? null
      : { name, what: 'spatial index', parts: [{ sql: id(column.name), column: column.name }], rest };
  if (column.sort === 'json')
    return column.generated !== null
      ? null
      : {
          name,
          what: 'index',
          parts: [
            { sql: `(cast(json_extract(${id(column.name)}, '$.x') as unsigned array))`, column: column.name },
          ],
          rest,
        };
  if (/^(varchar|text)/.test(column.type) && column.generated === null && dice.chance(0.15))
    return {
      name,
      what: 'fulltext index',
      parts: [{ sql: id(column.name), column: column.name }],
      rest: dice.chance(0.4) ? ` with parser ngram${rest}` : rest,
    };
  if (
    column.sort !== 'other' &&
    !/^(text|enum|set)/.test(column.type) &&
    column.charset === '' &&
    !column.autoIncrement &&
    dice.chance(0.2)
  )
    return {
      name,
      what: 'index',
      parts: [{ sql: `(${expressionOver(dice, column)})`, column: column.name }],
      rest,
    };
  const others = table.columns.filter(
    (other) => other !== column && other.sort !== 'json' && other.sort !== 'point',
  );
  const parts = [part(column), ...(others.length > 0 && dice.chance(0.4) ? [part(dice.pick(others))] : [])];
  return { name, what: dice.chance(0.25) ? 'unique index' : 'index', parts, rest };
}

export function randomTable(dice: Dice, names: Set<string>): RandomTable {
  const columns = new Set<string>(['id']);
  const key: RandomColumn = {
    ...randomColumn(dice, new Set()),
    name: 'id',
    sort: 'number',
    type: 'int',
    charset: '',
    nullable: false,
    initial: '',
    invisible: false,
    comment: '',
    autoIncrement: dice.chance(0.5),
  };
  const table: RandomTable = {
    name: freshName(dice, names),
    columns: [key, ...Array.from({ length: 1 + dice.below(6) }, () => randomColumn(dice, columns))],
    indexes: [{ name: 'PRIMARY', what: 'primary key', parts: [{ sql: '`id`', column: 'id' }], rest: '' }],
    keys: [],
    checks: [],
    options: randomOptions(dice),
    partitions: '',
  };
  for (let at = dice.below(3); at > 0; at -= 1) {
    const base = dice.pick(table.columns);
    if (base.autoIncrement || base.sort === 'point' || base.generated !== null) continue;
    addGenerated(dice, table, base);
  }
  const indexes = new Set<string>(['primary']);
  for (let at = dice.below(4); at > 0; at -= 1) {
    const index = randomIndex(dice, table, indexes);
    if (index !== null) table.indexes.push(index);
  }
  if (dice.chance(0.15)) table.partitions = randomPartitions(dice);
  return table;
}

export function addGenerated(dice: Dice, table: RandomTable, base: RandomColumn) {
  const column = randomColumn(dice, namesOf(table.columns));
  table.columns.splice(1 + table.columns.indexOf(base) + dice.below(2), 0, {
    ...column,
    sort: base.sort === 'number' ? 'number' : 'text',
    type: base.sort === 'number' ? 'bigint' : 'varchar(200)',
    charset: '',
    nullable: true,
    initial: '',
    generated: { expression: expressionOver(dice, base), kind: dice.pick(['stored', 'virtual']) },
    uses: [base.name],
  });
}

export function namesOf(of: readonly { readonly name: string }[]): Set<string> {
  return new Set(of.map(({ name }) => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()));
}

export function randomOptions(dice: Dice): string {
  return dice.pick([
    '',
    '',
    '',
    `comment = ${word(dice)}`,
    'row_format = compact',
    'key_block_size = 8',
    "compression = 'zlib'",
    'stats_persistent = 1',
    'collate utf8mb4_bin',
    'default character set latin1',
    'engine = MyISAM',
    'row_format = compressed',
    'max_rows = 77 stats_auto_recalc = 0',
  ]);
}

export function randomPartitions(dice: Dice): string {
  return dice.pick([
    `partition by hash (id) partitions ${2 + dice.below(3)}`,
    'partition by key () partitions 2',
    `partition by range (id) (partition p0 values less than (${10 + dice.below(5)}) comment = ${word(dice)}, partition \`größte\` values less than maxvalue)`,
    'partition by list (id) (partition a values in (1, 2), partition b values in (3, null))'.replace(
      ', null',
      '',
    ),
    'partition by range (id) subpartition by hash (id) subpartitions 2 (partition p0 values less than (9), partition p1 values less than maxvalue)',
  ]);
}

export function mayHaveKeys({ partitions, options }: RandomTable): boolean {
  return partitions === '' && !/MyISAM/.test(options);
}

/** Foreign keys here refer to the primary key `id`. */
export function mayBeParent(table: RandomTable): boolean {
  const primary = table.indexes.find(({ what }) => what === 'primary key');
  return mayHaveKeys(table) && primary?.parts.length === 1 && primary.parts[0]?.column === 'id';
}

export function randomKey(
  dice: Dice,
  schema: RandomSchema,
  child: RandomTable,
  taken: Set<string>,
): RandomKey | null {
  const parent = dice.pick(schema.tables);
  if (!mayBeParent(parent) || !mayHaveKeys(child)) return null;
  const columns = child.columns.filter(
    ({ type, generated, name }) =>
      type === 'int' && generated === null && !(child === parent && name === 'id'),
  );
  const column = dice.pick(columns);
  const own = taken;
  const index = child.indexes.find(({ what }) => what === 'unique index');
  // A foreign key may be called like a unique key of its table.
  const name =
    index !== undefined && dice.chance(0.2) && !own.has(index.name.toLowerCase())
      ? index.name
      : freshName(dice, own);
  const rules = [
    '',
    'on delete cascade',
    ...(column?.nullable ? ['on delete set null on update cascade'] : []),
    'on update cascade',
    'on delete no action',
  ];
  return column === undefined
    ? null
    : { name, column: column.name, parent: parent.name, rules: dice.pick(rules) };
}

export function randomView(
  dice: Dice,
  schema: RandomSchema,
  names: Set<string>,
): RandomSchema['views'][number] {
  const table = dice.pick(schema.tables);
  const functions = schema.routines.filter(({ kind }) => kind === 'function');
  const below = schema.views.length > 0 && dice.chance(0.4) ? dice.pick(schema.views) : undefined;
  const name = freshName(dice, names);
  const from = id(table.name);
  const lists = [
    `select * from ${from}`,
    `select id, ${word(dice)} as ${id('ö "q"')} from ${from} where id <> ${dice.below(9)}`,
    `select x.id from ${from} x join ${id(dice.pick(schema.tables).name)} y on x.id = y.id where exists (select 1 from ${from})`,
    `with t as (select count(*) as n from ${from}) select n, extract(year from now()) as y from t`,
    ...(functions.length > 0 ? [`select ${id(dice.pick(functions).name)}(id) as f from ${from}`] : []),
  ];
  const sql = below === undefined ? dice.pick(lists) : `select * from ${id(below.name)}`;
  const one = below === undefined && /^select x/.test(sql) && dice.chance(0.5);
  const head = `${dice.chance(0.2) ? 'sql security invoker ' : ''}view ${id(name)}${one ? ' (`als`)' : ''}`;
  const check = /^select id/.test(sql) && dice.chance(0.3) ? ' with local check option' : '';
  return { name, uses: below === undefined ? [] : [below.name], sql: `${head} as ${sql}${check}` };
}

export function randomTrigger(
  dice: Dice,
  schema: RandomSchema,
  names: Set<string>,
): RandomSchema['triggers'][number] {
  const table = dice.pick(schema.tables);
  const column = dice.pick(
    table.columns.filter(({ generated, autoIncrement }) => generated === null && !autoIncrement),
  );
  const moment = dice.pick(['before insert', 'before insert', 'after update', 'before delete']);
  const body =
    moment === 'before insert' && column !== undefined && dice.chance(0.5)
      ? `set new.${id(column.name)} = new.${id(column.name)}`
      : dice.pick([
          `set @a = ${word(dice)}`,
          `begin\n  -- it's ä\n  set @a = 1, @b = ${word(dice)};\nend`,
          'set @c = 2',
        ]);
  return {
    name: freshName(dice, names),
    table: table.name,
    column: /new\./.test(body) ? (column?.name ?? null) : null,
    moment,
    body,
  };
}

export function randomRoutine(dice: Dice, names: Set<string>): RandomSchema['routines'][number] {
  const kind = dice.pick(['procedure', 'function'] as const);
  const name = freshName(dice, names);
  const charset = dice.pick(['', ' character set latin1', ' character set utf8mb4 collate utf8mb4_bin']);
  const mode = dice.chance(0.15) ? 'ANSI_QUOTES,PIPES_AS_CONCAT' : '';
  const traits = dice.pick(['', "comment 'it''s ö'", 'sql security invoker', 'reads sql data']);
  return kind === 'function'
    ? {
        name,
        kind,
        mode,
        head: `(n int) returns varchar(${9 + dice.below(2)})${charset} deterministic ${traits}`,
        body: `return concat(n, ${word(dice)})`,
      }
    : {
        name,
        kind,
        mode,
        head: `(in \`größe\` varchar(20)${charset}, out b int) ${traits}`,
        body: dice.pick(['set b = 1', `begin set b = length(${word(dice)}); end`]),
      };
}

export function randomEvent(dice: Dice, names: Set<string>): RandomSchema['events'][number] {
  const head = dice.pick([
    'every 1 day disable',
    "every 2 hour starts '2035-01-01 00:00:00' disable",
    "at '2036-02-03 04:05:06' disable",
    'every 1 week on completion preserve disable',
  ]);
  return { name: freshName(dice, names), head, body: `set @e = ${word(dice)}` };
}

export function randomSchema(dice: Dice): RandomSchema {
  const names = new Set<string>();
  const schema: RandomSchema = { tables: [], views: [], triggers: [], routines: [], events: [] };
  for (let at = 2 + dice.below(3); at > 0; at -= 1) schema.tables.push(randomTable(dice, names));
  const [keys, checks] = [new Set<string>(), new Set<string>()];
  for (const table of schema.tables) {
    for (let at = dice.below(3); at > 0; at -= 1) {
      const key = randomKey(dice, schema, table, keys);
      if (key !== null) table.keys.push(key);
    }
    for (let at = dice.below(3); at > 0; at -= 1) {
      const column = dice.pick(table.columns);
      if (column.autoIncrement) continue;
      table.checks.push({
        name: freshName(dice, checks),
        expression: conditionOver(dice, column),
        column: column.name,
        enforced: dice.chance(0.8),
      });
    }
  }
  const routines = new Set<string>();
  for (let at = dice.below(3); at > 0; at -= 1) schema.routines.push(randomRoutine(dice, routines));
  for (let at = dice.below(3); at > 0; at -= 1) schema.views.push(randomView(dice, schema, names));
  const triggers = new Set<string>();
  for (let at = dice.below(4); at > 0; at -= 1) schema.triggers.push(randomTrigger(dice, schema, triggers));
  const events = new Set<string>();
  if (dice.chance(0.3)) schema.events.push(randomEvent(dice, events));
  return schema;
}

/** SQL that makes it in an empty database: tables, then foreign keys, then programs. */
export function render(schema: RandomSchema): string[] {
  const columnSql = (column: RandomColumn) =>
    [
      id(column.name),
      column.type,
      column.charset,
      column.generated && `generated always as (${column.generated.expression}) ${column.generated.kind}`,
      column.nullable ? '' : 'not null',
      column.generated ? '' : column.initial,
      column.autoIncrement && 'auto_increment',
      column.comment && `comment ${column.comment}`,
      column.invisible && 'invisible',
    ]
      .filter(Boolean)
      .join(' ');
  const tables = schema.tables.map((table) => {
    const parts = [
      ...table.columns.map(columnSql),
      ...table.indexes.map(
        ({ name, what, parts, rest }) =>
          `${what} ${what === 'primary key' ? '' : id(name)} (${parts.map(({ sql }) => sql).join(', ')})${rest}`,
      ),
      ...table.checks.map(
        ({ name, expression, enforced }) =>
          `constraint ${id(name)} check (${expression})${enforced ? '' : ' not enforced'}`,
      ),
    ];
    return `create table ${id(table.name)} (${parts.join(', ')}) ${table.options} ${table.partitions}`;
  });
  const keys = schema.tables.flatMap((table) =>
    table.keys.map(
      ({ name, column, parent, rules }) =>
        `alter table ${id(table.name)} add constraint ${id(name)} foreign key (${id(column)}) references ${id(parent)} (id) ${rules}`,
    ),
  );
  const routines = schema.routines.flatMap(({ name, kind, head, body, mode }) => {
    const sql = `create ${kind} ${id(name)}${head} ${body}`;
    return mode ? [`set sql_mode = '${mode}'`, sql, 'set sql_mode = default'] : [sql];
  });
  return [
    // Dates that no calendar has are taken.
    "set sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    ...tables,
    ...keys,
    'set sql_mode = default',
    ...routines,
    ...schema.views.map(({ sql }) => `create ${sql}`),
    ...schema.triggers.map(
      ({ name, table, moment, body }) =>
        `create trigger ${id(name)} ${moment} on ${id(table)} for each row ${body}`,
    ),
    ...schema.events.map(({ name, head, body }) => `create event ${id(name)} on schedule ${head} do ${body}`),
  ];
}
