import { afterAll, beforeAll, expect, it } from 'vitest';
import { runRepair } from '../../src/parity/repair/repair.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { createParityPair, type ParityPair } from '../helpers/parity-pair.ts';

const seed = Number(process.env.TANDEM_SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.TANDEM_ROUNDS ?? (process.env.TANDEM_LONG === '1' ? 200 : 5));

/** The columns of each, as texts that have all digits and bytes; those of its key come first. */
const tables = {
  clinic: { key: 1, columns: ['id', 'code', 'place'] },
  staff: { key: 1, columns: ['id', 'clinic_id', 'boss_id', 'nick'] },
  shift: { key: 2, columns: ['day', 'staff_id', 'note'] },
  word: { key: 1, columns: ['code', 'label', 'ratio', 'size', 'hidden', 'rank_no'] },
  visit: { key: 1, columns: ["concat('0x', hex(id))", 'clinic_id', 'hex(next_id)', 'at'] },
  ring_a: { key: 1, columns: ['id', 'b'] },
  ring_b: { key: 1, columns: ['id', 'a'] },
  triple: { key: 3, columns: ['a', 'b', 'c', 'v'] },
} as const;
const names = Object.keys(tables) as (keyof typeof tables)[];
/** The key's columns, where they stand in the list otherwise than they are called. */
const keyName = (name: string) => (name.includes('hex(id)') ? 'id' : name);

let pair: ParityPair;
beforeAll(async () => {
  pair = await createParityPair();
  await pair.run([
    'create table clinic (id int primary key, code varchar(9) null, place int not null, unique (code), unique (place))',
    'create table staff (id int primary key, clinic_id int null, boss_id int null, nick varchar(9) not null, unique (clinic_id, nick), foreign key (clinic_id) references clinic (id), foreign key (boss_id) references staff (id))',
    'create table shift (day date, staff_id int, note text, primary key (day, staff_id), foreign key (staff_id) references staff (id))',
    'create table word (code varchar(9) primary key, label json, ratio double, size int as (char_length(code)) stored, hidden int invisible, rank_no int not null unique)',
    'create table visit (id binary(16) primary key, clinic_id int, next_id binary(16) unique, at timestamp(3) null, foreign key (clinic_id) references clinic (id), foreign key (next_id) references visit (id))',
    'create table ring_a (id int primary key, b int unique)',
    'create table ring_b (id int primary key, a int, foreign key (a) references ring_a (id))',
    'alter table ring_a add foreign key (b) references ring_b (id)',
    'create table triple (a varchar(5), b date, c smallint, v varchar(9), primary key (a, b desc, c), unique (v))',
  ]);
});
afterAll(() => pair?.[Symbol.asyncDispose]());

it(`repairs random differences in both directions, and touches no other row (seed ${seed})`, async () => {
  const random = generator(seed);
  for (let round = 1; round <= rounds; round++) {
    await pair.run([
      'set foreign_key_checks = 0',
      ...names.map((table) => `delete from ${table}`),
      'set foreign_key_checks = 1',
    ]);
    for (const source of sourceNames) await pair.run(randomRows(random), [source]);
    const [from, to]: [SourceName, SourceName] = random(2) === 0 ? ['AZURE', 'GCP'] : ['GCP', 'AZURE'];
    await pair.run(['drop table if exists tandem_parity_repair'], [to]);
    const before = { from: await all(from), to: await all(to) };
    const report = await runRepair(pair.clients, {
      tables: names,
      direction: from === 'AZURE' ? 'azure-to-gcp' : 'gcp-to-azure',
      apply: true,
      over: [],
      throttle: 100,
      settleMs: 5,
    });
    const left = report.applied?.left.map(({ operation, why }) => [
      operation.pair.name,
      operation.action,
      why,
    ]);
    expect([round, report.refusals, left ?? []]).toEqual([round, [], []]);
    expect([round, report.exitCode, report.after?.verdict ?? 'SAME']).toEqual([round, 0, 'SAME']);
    expect([round, await all(from)]).toEqual([round, before.from]);
    expect([round, await all(to)]).toEqual([round, before.from]);
    // Rows that were equal before are in no entry of the journal.
    const written =
      report.applied === null
        ? []
        : await pair.rows(to, "select concat(table_name, ' ', row_key) as name from tandem_parity_repair");
    const equal = new Set(before.from.filter((row) => before.to.includes(row)).map(nameOf));
    expect([round, written.filter(({ name }) => equal.has(String(name)))]).toEqual([round, []]);
  }
}, 1_800_000);

/** Each row as text: its table, its key, and all that it holds. */
async function all(source: SourceName): Promise<string[]> {
  const found = names.map(async (table) => {
    const { key, columns } = tables[table];
    const texts = columns.map((column, at) => `cast(${column} as char) as c${at}`).join(', ');
    const rows = await pair.rows(source, `select ${texts} from ${table}`);
    return rows.map((row) => {
      const own = columns.slice(0, key).map((column, at) => [keyName(column), row[`c${at}`]]);
      return JSON.stringify([table, Object.fromEntries(own), row]);
    });
  });
  return (await Promise.all(found)).flat().sort();
}

function nameOf(row: string): string {
  const [table, key] = JSON.parse(row) as [string, Record<string, string>];
  // As MySQL writes JSON.
  return `${table} {${Object.entries(key)
    .toSorted(([a], [b]) => a.length - b.length)
    .map(([name, value]) => `"${name}": ${JSON.stringify(value)}`)
    .join(', ')}}`;
}

const labels = [
  'null',
  "'null'",
  "'1'",
  "'1.0'",
  "'[1, 2.0]'",
  "'[1.0, 2]'",
  'json_object("a", 1.50, "b", 2)',
  'json_object("a", 1.5, "b", 2.0)',
  'json_array(12345678901234567890.10, "1.50")',
];
const ratios = [
  'null',
  '0',
  '-0e0',
  '0.1e0',
  '0.10000000000000002e0',
  '2.2250738585072014e-308',
  '2.2250738585072014e-308 / 3e0',
  '1e300',
];
/** Of each, one of several spellings that the key takes for one. */
const words = [
  ['ab', 'AB', 'Ab'],
  ['é', 'e', 'É'],
  [''],
  ['x y'],
  ["it's"],
  ['Straße', 'strasse'],
  ['😀'],
  ['z'],
];

/** Rows of a few ids, so that two sides share many, with unique values and parents in any arrangement. */
function randomRows(random: (below: number) => number): string[] {
  const of = <T>(list: readonly T[]) => list[random(list.length)] as T;
  const some = (count: number) =>
    Array.from({ length: count }, (_, at) => at + 1).filter(() => random(4) > 0);
  const shuffled = (count: number) => {
    const list = Array.from({ length: count }, (_, at) => at);
    for (let at = count - 1; at > 0; at--) {
      const other = random(at + 1);
      [list[at], list[other]] = [list[other] as number, list[at] as number];
    }
    return list;
  };
  const one = (list: readonly number[]) => (list.length === 0 || random(4) === 0 ? 'null' : of(list));
  const [codes, places, nicks] = [shuffled(12), shuffled(12), shuffled(20)];
  const clinics = some(8);
  const staff = some(15);
  const visits = some(9);
  const [ranks, nexts, rings, values] = [shuffled(9), shuffled(10), shuffled(7), shuffled(20)];
  const uuid = (id: number) => `x'${id.toString(16).padStart(2, '0').repeat(16)}'`;
  const [ringA, ringB] = [some(6), some(6)];
  return [
    ...clinics.map(
      (id) =>
        `insert into clinic values (${id}, ${random(5) === 0 ? 'null' : `'c${codes[id]}'`}, ${places[id]})`,
    ),
    ...staff.map((id) => `insert into staff values (${id}, ${one(clinics)}, null, 'n${nicks[id]}')`),
    ...staff.map((id) => `update staff set boss_id = ${one(staff)} where id = ${id}`),
    ...staff.map(
      (id) => `insert into shift values ('2024-01-0${1 + random(9)}', ${id}, '${'x'.repeat(random(3))}')`,
    ),
    ...words
      .map((spellings, at) => ({ code: of(spellings).replaceAll("'", "''"), rank: ranks[at] }))
      .filter(() => random(4) > 0)
      .map(
        ({ code, rank }) =>
          `insert into word (code, label, ratio, hidden, rank_no) values ('${code}', ${of(labels)}, ${of(ratios)}, ${random(2)}, ${rank})`,
      ),
    ...visits.map(
      (id) =>
        `insert into visit values (${uuid(id)}, ${one(clinics)}, null, '2024-10-27 00:30:00.00${random(3)}')`,
    ),
    // Each refers to another one, itself, or none: as many arrangements as there are permutations.
    ...visits
      .filter((id) => visits.includes(nexts[id] as number))
      .map((id) => `update visit set next_id = ${uuid(nexts[id] as number)} where id = ${uuid(id)}`),
    ...ringA.map((id) => `insert into ring_a values (${id}, null)`),
    ...ringB.map((id) => `insert into ring_b values (${id}, ${one(ringA)})`),
    ...ringA
      .filter((id) => ringB.includes(rings[id] as number))
      .map((id) => `update ring_a set b = ${rings[id]} where id = ${id}`),
    ...some(12).map(
      (id) => `insert into triple values ('k${id % 3}', '2024-01-0${1 + (id % 4)}', ${id}, 'v${values[id]}')`,
    ),
  ];
}

/** Of Park and Miller. */
function generator(from: number): (below: number) => number {
  let state = (from % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
