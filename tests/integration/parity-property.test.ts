import { afterAll, beforeAll, expect, it } from 'vitest';
import { runRepair } from '../../src/parity/repair/repair.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { createParityPair, type ParityPair } from '../helpers/parity-pair.ts';

const seed = Number(process.env.TANDEM_SEED ?? Date.now() % 1_000_000);
const rounds = process.env.TANDEM_LONG === '1' ? 200 : 6;

let pair: ParityPair;
beforeAll(async () => {
  pair = await createParityPair();
  await pair.run([
    'create table clinic (id int primary key, code varchar(9) null, place int not null, unique (code), unique (place))',
    'create table staff (id int primary key, clinic_id int null, boss_id int null, nick varchar(9) not null, unique (clinic_id, nick), foreign key (clinic_id) references clinic (id), foreign key (boss_id) references staff (id))',
    'create table shift (day date, staff_id int, note text, primary key (day, staff_id), foreign key (staff_id) references staff (id))',
  ]);
});
afterAll(() => pair?.[Symbol.asyncDispose]());

const tables = ['clinic', 'staff', 'shift'] as const;

it(`repairs random differences in both directions, and touches no other row (seed ${seed})`, async () => {
  const random = generator(seed);
  for (let round = 1; round <= rounds; round++) {
    await pair.run([
      'set foreign_key_checks = 0',
      ...tables.map((table) => `delete from ${table}`),
      'set foreign_key_checks = 1',
    ]);
    for (const source of sourceNames) await pair.run(randomRows(random), [source]);
    const [from, to]: [SourceName, SourceName] = random(2) === 0 ? ['AZURE', 'GCP'] : ['GCP', 'AZURE'];
    await pair.run(['drop table if exists tandem_parity_repair'], [to]);
    const before = { from: await all(from), to: await all(to) };
    const report = await runRepair(pair.clients, {
      tables: [...tables],
      direction: from === 'AZURE' ? 'azure-to-gcp' : 'gcp-to-azure',
      apply: true,
      over: [],
      throttle: 100,
      settleMs: 10,
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
  const keys = { clinic: ['id'], staff: ['id'], shift: ['day', 'staff_id'] } as const;
  const found: string[] = [];
  for (const table of tables)
    for (const row of await pair.rows(source, `select * from ${table} order by 1, 2`)) {
      const key = Object.fromEntries(keys[table].map((name) => [name, String(row[name])]));
      found.push(JSON.stringify([table, key, row]));
    }
  return found;
}

function nameOf(row: string): string {
  const [table, key] = JSON.parse(row) as [string, Record<string, string>];
  // As MySQL writes JSON.
  return `${table} {${Object.entries(key)
    .toSorted(([a], [b]) => a.length - b.length)
    .map(([name, value]) => `"${name}": "${value}"`)
    .join(', ')}}`;
}

/** Rows of a few ids, so that two sides share many, with unique values and parents in any arrangement. */
function randomRows(random: (below: number) => number): string[] {
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
  const one = (list: readonly number[]) =>
    list.length === 0 || random(4) === 0 ? 'null' : list[random(list.length)];
  const [codes, places, nicks] = [shuffled(12), shuffled(12), shuffled(20)];
  const clinics = some(8);
  const staff = some(15);
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
