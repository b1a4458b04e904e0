import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SchemaSnapshot, takeSnapshot } from '../../src/drift/snapshot.ts';
import { diagramOf } from '../../src/erd/diagram.ts';
import { asMermaid } from '../../src/erd/mermaid.ts';
import { asPng } from '../../src/erd/png.ts';
import { place } from '../../src/erd/run-layout.ts';
import { asSvg } from '../../src/erd/svg.ts';
import type { ForeignKeyModel, TableModel } from '../../src/information-schema/model.ts';
import type { SourceName } from '../../src/source-name.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
let server: TestServer;

beforeAll(async () => {
  databases = await createDatabases();
  server = await startServer(databases.config);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const run = (source: SourceName, ...statements: readonly string[]) =>
  asMigrator(databases.config.databases[source], statements);

const look = (source: SourceName): Promise<SchemaSnapshot> =>
  server.sources[source].read((em) => takeSnapshot(source, em));
const draw = async (source: SourceName) => diagramOf(await look(source));

const key = 'medical_records_doctor_id_foreign';

// `npm run docs` rewrites the pictures; look at them before they are committed.
it('is drawn in docs/erd.svg and docs/erd.png as the migrated database is', async () => {
  const svg = await asSvg(await draw('AZURE'));
  await expect(svg).toMatchFileSnapshot('../../docs/erd.svg');
  expect(await asSvg(await draw('AZURE'))).toBe(svg);
  const png = Buffer.from(await asPng(svg));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  if (process.env.TANDEM_DRAW === '1') await writeFile('docs/erd.png', png);
  expect(png.equals(await readFile('docs/erd.png'))).toBe(true);
});

it('has the text in docs/erd.md that Mermaid draws', async () => {
  expect(await readFile('docs/erd.md', 'utf8')).toContain(asMermaid(await draw('AZURE')));
});

it('loses the line when the foreign key is dropped', async () => {
  const linked = await draw('GCP');
  expect(asMermaid(linked)).toContain(`doctors |o--o{ medical_records : "${key}"`);
  expect(await asSvg(linked)).toContain(key);
  await run('GCP', `alter table medical_records drop foreign key ${key}`);
  const cut = await draw('GCP');
  expect(asMermaid(cut)).not.toContain(key);
  expect(asMermaid(cut)).toContain('medical_records_patient_id_foreign');
  expect(await asSvg(cut)).not.toContain(key);
  await run(
    'GCP',
    `alter table medical_records add constraint ${key} foreign key (doctor_id) references doctors (id) on delete restrict on update restrict`,
  );
  expect(asMermaid(await draw('GCP'))).toBe(asMermaid(linked));
});

it('is answered by the API, and by a source that is up alone', async () => {
  const { data, errors } = await server.ask('{ erd(source: GCP) { mermaid svg } }');
  expect(errors).toBeUndefined();
  expect(data.erd.mermaid).toContain('patients ||--o{ medical_records');
  expect(data.erd.svg).toMatch(/^<svg .*<\/svg>\n$/s);
});

it('paints in the API too what differs from the other cloud, where that is asked for', async () => {
  await run('AZURE', 'create table wards (id int primary key)');
  await run('GCP', 'alter table patients modify last_name varchar(60) not null');
  // What a source has is remembered for a second.
  await delay(1200);
  const { data, errors } = await server.ask(`{
    both: erd(source: GCP, compare: true) { mermaid svg }
    alone: erd(source: GCP) { mermaid }
  }`);
  await run('AZURE', 'drop table wards');
  await run('GCP', 'alter table patients modify last_name varchar(50) not null');
  expect(errors).toBeUndefined();
  expect(data.both.mermaid).toMatch(/^%% GCP and AZURE\n/);
  expect(data.both.mermaid).toContain('wards["wards (only AZURE)"]');
  expect(data.both.mermaid).toContain('"varchar(60) ≠ varchar(50), (differs)"');
  expect(data.both.svg).toContain('only AZURE: not there on GCP');
  expect(data.alone.mermaid).not.toMatch(/wards|differs/);
});

it('answers null with a coded error where the other cloud is wanted and down, and draws the one that is up', async () => {
  const { AZURE, GCP } = databases.config.databases;
  const half = { ...databases.config, databases: { AZURE, GCP: { ...GCP, port: 1 } } };
  await using lame = await startServer(half);
  const { data, errors } = await lame.ask(`{
    both: erd(source: AZURE, compare: true) { mermaid }
    alone: erd(source: AZURE) { mermaid }
  }`);
  expect(data).toEqual({ both: null, alone: { mermaid: expect.stringContaining('patients {') } });
  expect(errors).toMatchObject([
    { path: ['both'], extensions: { code: 'SOURCE_UNAVAILABLE', source: 'GCP' } },
  ]);
});

it('leaves the server answering while two hundred tables are drawn', async () => {
  const seen = await look('AZURE');
  const records = seen.schema.tables.find(({ name }) => name === 'medical_records') as TableModel;
  const tables = Array.from({ length: 200 }, (_, at): TableModel => {
    const to = (key: ForeignKeyModel, table: string) => ({
      ...key,
      references: { ...key.references, table },
    });
    const [one, other] = records.foreignKeys as [ForeignKeyModel, ForeignKeyModel];
    const foreignKeys = [to(one, `t${Math.floor(at / 3)}`), to(other, `t${Math.floor(at / 7)}`)];
    return { ...records, name: `t${at}`, foreignKeys };
  });
  const many = diagramOf({ ...seen, schema: { ...seen.schema, tables } });
  const waits: number[] = [];
  const begun = performance.now();
  const picture = asSvg(many);
  let drawing = true;
  void picture.finally(() => {
    drawing = false;
  });
  while (drawing) {
    const asked = performance.now();
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    waits.push(performance.now() - asked);
    await delay(20);
  }
  const took = performance.now() - begun;
  expect(await picture).toContain('>t199<');
  // In the server's own thread the layout would be one wait, and most of the time.
  expect(Math.max(...waits)).toBeLessThan(took / 2);
});

it('gives up a picture that takes too long, with a code', async () => {
  await expect(
    place({ id: 'erd', children: [{ id: 'a', width: 1, height: 1 }] }, { timeoutMs: 1 }),
  ).rejects.toMatchObject({
    code: 'OPERATION_TOO_COMPLEX',
    message: expect.stringMatching(/^A picture of 1 /),
  });
});

describe('with tables of all kinds', () => {
  beforeAll(() =>
    run(
      'AZURE',
      'create table profiles (patient_id int not null primary key, note text, constraint profiles_patient_id_foreign foreign key (patient_id) references patients (id))',
      'create table units (id int primary key, above int null, constraint units_above_foreign foreign key (above) references units (id))',
      'create table shifts (day date, part int, primary key (day, part))',
      'create table duties (day date not null, part int not null, doctor int, constraint duties_shift_foreign foreign key (day, part) references shifts (day, part))',
      'create table `<script>"x"</script> & \'y\'` (`a "b" <c>` decimal(10,2) unsigned not null, `日本` int)',
      'create table `class` (pk int primary key, uk int, constraint `direction TB 100% ~a~` foreign key (uk) references units (id))',
      'create view adults as select id from patients',
    ),
  );
  afterAll(() =>
    run(
      'AZURE',
      'drop view adults',
      'drop table `<script>"x"</script> & \'y\'`, `class`, duties, shifts, units, profiles',
    ),
  );

  it('tells one from many, and must from may', async () => {
    const mermaid = asMermaid(await draw('AZURE'));
    expect(mermaid).toContain('patients ||--o| profiles : "profiles_patient_id_foreign"');
    expect(mermaid).toContain('units |o--o{ units : "units_above_foreign"');
    expect(mermaid).toContain('shifts ||--o{ duties : "duties_shift_foreign"');
    expect(mermaid).toMatch(/profiles \{\n {4}int patient_id PK, FK\n/);
    expect(mermaid).not.toContain('adults');
  });

  it('leaves room for the signs at both ends of each line, from a table to itself too', async () => {
    const svg = await asSvg(await draw('AZURE'));
    const lines = [...svg.matchAll(/<\/title>\n<path d="M([^"]*)"/g)].map(([, path = '']) =>
      path.split('L').map((point) => point.split(' ').map(Number) as [number, number]),
    );
    expect(lines).toHaveLength(6);
    for (const points of lines) {
      for (const [[x, y], [x2, y2]] of [points.slice(0, 2), points.slice(-2)] as [
        [number, number],
        [number, number],
      ][]) {
        expect([y, Math.abs(x2 - x) > 21.5]).toEqual([y2, true]);
      }
    }
  });

  it('lets no name become markup, nor break the text', async () => {
    const diagram = await draw('AZURE');
    const svg = await asSvg(diagram);
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;&quot;x&quot;&lt;/script&gt; &amp; &#39;y&#39;');
    expect((await asPng(svg)).length).toBeGreaterThan(10_000);
    const mermaid = asMermaid(diagram);
    expect(mermaid).not.toContain('<');
    for (const line of mermaid.trimEnd().split('\n').slice(2)) expect(line).toMatch(grammar);
  });

  it('gives no table or column a name that Mermaid reads as a word of its own', async () => {
    const mermaid = asMermaid(await draw('AZURE'));
    expect(mermaid).toMatch(
      / {2}(table-\d+)\["class"\] \{\n {4}int _pk PK "pk"\n {4}int _uk FK "uk, nullable"\n/,
    );
    expect(mermaid).toMatch(/ {2}units \|o--o\{ table-\d+ : "direction#32;TB 100#37; #126;a#126;"\n/);
  });

  it('marks in words and colours what differs between two', async () => {
    await run('AZURE', 'alter table patients modify last_name varchar(60) not null');
    await run('GCP', `alter table medical_records drop foreign key ${key}`);
    const [azure, gcp] = [await look('AZURE'), await look('GCP')];
    const diagram = diagramOf(azure, gcp);
    const svg = await asSvg(diagram);
    expect(svg).toContain('profiles (only AZURE)');
    expect(svg).toContain('last_name (differs)');
    expect(svg).toContain('varchar(60) ≠ varchar(50)');
    expect(asMermaid(diagram)).toContain(`doctors |o--o{ medical_records : "${key} (only AZURE)"`);
    expect(svg).not.toContain('first_name (differs)');
    await run('AZURE', 'alter table patients modify last_name varchar(50) not null');
    await run(
      'GCP',
      `alter table medical_records add constraint ${key} foreign key (doctor_id) references doctors (id) on delete restrict on update restrict`,
    );
  });
});

it('marks nothing between two that are alike', async () => {
  const [azure, gcp] = [await look('AZURE'), await look('GCP')];
  const svg = await asSvg(diagramOf(azure, gcp));
  expect(svg).toContain('Both have the same tables, columns and keys.');
  expect(svg).not.toMatch(/\((only|differs)/);
});

it('draws thirty tables without one over another', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `t${at}`);
  await run(
    'AZURE',
    ...names.map((name, at) => {
      const parent = Math.floor(at / 3);
      const link = at === 0 ? '' : `, foreign key (parent) references t${parent} (id)`;
      return `create table ${name} (id int primary key, parent int not null${link})`;
    }),
  );
  const svg = await asSvg(await draw('AZURE'));
  await run('AZURE', `drop table ${names.toReversed().join(', ')}`);
  const boxes = [
    ...svg.matchAll(
      /<g transform="translate\(([\d.]+) ([\d.]+)\)">\n<rect width="([\d.]+)" height="([\d.]+)"/g,
    ),
  ].map((match) => match.slice(1).map(Number) as [number, number, number, number]);
  expect(boxes).toHaveLength(33);
  boxes.forEach(([x, y, width, height], at) => {
    for (const [x2, y2, width2, height2] of boxes.slice(at + 1)) {
      const apart = x + width <= x2 || x2 + width2 <= x || y + height <= y2 || y2 + height2 <= y;
      expect(apart).toBe(true);
    }
  });
});

/**
 * A line of Mermaid's entity relationship diagrams: an entity, an attribute, an end, or a relation. Words of its own are
 * names of neither tables nor columns, and quotes hold nothing that it would not take as text.
 */
const grammar = (() => {
  const table = String.raw`(?!(?:class|classdef|end|erdiagram|many|one|style|subgraph|to)\b)[A-Za-z_][\w-]*`;
  const word = String.raw`(?!(?:pk|fk|uk)\b)[A-Za-z_][\w()]*`;
  const text = '"[^"%~<>]*"';
  const keys = '(?:PK|FK|UK)(?:, (?:PK|FK|UK))*';
  const entity = String.raw`${table}(?:\[${text}\])? \{`;
  const relation = String.raw`${table} (?:\|\||\|o)--(?:o\||o\{) ${table} : ${text}`;
  return new RegExp(
    `^(?:  (?:${entity}|\\}|${relation})|    ${word} ${word}(?: ${keys})?(?: ${text})?)$`,
    'i',
  );
})();
