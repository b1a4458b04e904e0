import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import { splitStatements } from '../../src/sql/split-statements.ts';
import { asMigrator, createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { tandem } from '../helpers/run-command-line.ts';
import type { TestServer } from '../helpers/server.ts';
import { walkApi } from '../helpers/walk-api.ts';

let databases: TestDatabases;
let server: TestServer;
let folder = '';
let told = '';

/** Each has what the others do not; one database has them all. */
const schemas = ['usual', 'unusual', 'names', 'habits', 'edges'].map(
  (name) => `tests/fixtures/generated/${name}.sql`,
);

// The entities that the command writes take the place of src/entities/index.ts in what is imported behind it.
beforeAll(async () => {
  const statements = schemas.flatMap((file) => splitStatements(readFileSync(file, 'utf8')));
  databases = await createDatabases({ migrated: false, statements });
  folder = await mkdtemp(join(import.meta.dirname, '../generated-'));
  const { code, stderr } = await tandem(
    ['generate-entities', '--source', 'azure', '--out', folder],
    environmentOf(databases.config),
  );
  expect(code, stderr).toBe(0);
  told = stderr;
  await writeFile(join(folder, 'index.ts'), stderr.slice(stderr.indexOf('  import {')));
  for (const file of await readdir(folder)) {
    const text = await readFile(join(folder, file), 'utf8');
    const moved = text
      .replace(/'\.\/(source-row|table|enum-of)\.ts'/g, "'../../src/entities/$1.ts'")
      .replaceAll("'../scalars/", "'../../src/scalars/");
    await writeFile(join(folder, file), moved);
  }
  vi.resetModules();
  vi.doMock('../../src/entities/index.ts', () => import(join(folder, 'index.ts')));
  const { startServer } = await import('../helpers/server.ts');
  const many = { cost: 1e8, tokens: 1e6, aliases: 1e4, duplicates: 1e4, rootFields: 1e3 };
  server = await startServer({ ...databases.config, limits: { ...databases.config.limits, ...many } });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
  if (folder !== '') await rm(folder, { recursive: true });
});

const settings = () => environmentOf(databases.config);

it('writes entities that the server accepts, and that lack only what it tells', async () => {
  const { tandem } = await import('../helpers/run-command-line.ts');
  const { stdout } = await tandem(['drift', '--only', 'entities'], settings());
  const found = stdout.split('\n').filter((line) => /breaking|cosmetic/.test(line));
  expect(found.map((line) => line.trim().split(/ {2,}/).slice(0, 3).join(' '))).toEqual(
    Array(2).fill(['breaking index edge_float.PRIMARY', 'breaking column tenant_note.page']).flat(),
  );
});

it('tells which tables cannot be entities, why, and what entities do not say', () => {
  expect(told).toContain('g.h has no entity: MikroORM takes the dot in its name');
  expect(told).toContain('toString has no entity: each object of JavaScript has a name in it');
  expect(told).toContain('marked has no entity: a name in it has a question mark');
  expect(told).toContain('marked? has no entity: a name in it has a question mark');
  expect(told).toContain(
    'The default of tenant_note.page is left out: a foreign key of several columns has none.',
  );
  expect(told).not.toContain('.tenant is left out');
  expect(told).toContain('EdgeFloat has no key: one of double names no row');
});

it('proves that the rows of both clouds are the same', async () => {
  for (const name of sourceNames) {
    await asMigrator(databases.config.databases[name], [
      "insert into sheep (name) values ('Dolly'), ('Molly')",
      "insert into `without key` (at, sheep) values ('2020-01-01', 1), ('2020-01-01', null), ('2020-01-01', null)",
    ]);
  }
  const { tandem } = await import('../helpers/run-command-line.ts');
  const { code, stdout, stderr } = await tandem(['parity'], settings());
  expect([code, stderr], stdout).toEqual([0, expect.anything()]);
});

it('serves every row of tables of any shape, under any names, in all ways, and writes it', async () => {
  const problems = await walkApi(server, process.env.TANDEM_LONG === '1' ? 100 : 2);
  expect(problems.filter((text) => !text.includes('1024 bytes'))).toEqual([]);
});

it('makes no Boolean of a flag that has other numbers, and says so of one that has them all the same', async () => {
  await asMigrator(databases.config.databases.AZURE, ['update page_info set seen = 2 where id = 1']);
  const { data, errors } = await server.ask(
    '{ pageInfoRow(source: AZURE, key: 1) { trueColumn flag big stars sign told seen } }',
  );
  expect(data.pageInfoRow).toEqual({
    trueColumn: 1,
    flag: 200,
    big: 7,
    stars: 5,
    sign: -1,
    told: false,
    seen: null,
  });
  expect(errors).toEqual([
    expect.objectContaining({
      path: ['pageInfoRow', 'seen'],
      message: expect.stringMatching(
        /^The seen of PageInfoRow 1 \(.*\) is not a Boolean: its column has a number other than 0 and 1, which @Field\(\(\) => Int\) serves\.$/,
      ),
    }),
  ]);
});

it('leaves nothing to migrate behind a first migration', async () => {
  const { createMigration } = await import('../../src/migrator/create.ts');
  const folders = { AZURE: join(folder, 'azure'), GCP: join(folder, 'gcp') };
  expect(await createMigration('first', { folders })).toHaveProperty('files');
  expect(await createMigration('second', { folders })).toMatchObject({
    cause: expect.stringContaining('there is nothing to migrate'),
  });
});

it('answers with rows by keys and relations that it found', async () => {
  await asMigrator(databases.config.databases.GCP, [
    "insert into language (name) values ('English')",
    "insert into film (title, language_id) values ('Alien', 1), ('Brazil', 1)",
    "insert into actors (name) values ('Ada')",
    "insert into film_actor values (1, 2, 'lead')",
    "insert into award values (9007199254740993, 1, 2, '2020-01-31')",
  ]);
  const { data, errors } = await server.ask(
    `{ films(source: GCP, where: { filmActors: { some: { awards: { some: { key: { eq: "9007199254740993" } } } } } }) { nodes {
      title _2ndTitle rating originalLanguage { name } language { key name filmsByLanguage { totalCount } }
      filmActors { nodes { key { actorKey filmKey } part actor { name } awards { nodes { key given } } } } } } }`,
  );
  expect(errors).toBeUndefined();
  expect(data.films.nodes).toEqual([
    {
      title: 'Brazil',
      _2ndTitle: 'brazil',
      rating: 'it_s',
      originalLanguage: null,
      language: { key: 1, name: 'English', filmsByLanguage: { totalCount: 2 } },
      filmActors: {
        nodes: [
          {
            key: { actorKey: 1, filmKey: 2 },
            part: 'lead',
            actor: { name: 'Ada' },
            awards: { nodes: [{ key: '9007199254740993', given: '2020-01-31' }] },
          },
        ],
      },
    },
  ]);
});

it('groups by a column called count', async () => {
  const { data, errors } = await server.ask(
    '{ queryRowsAggregate(source: AZURE, groupBy: [count]) { count group { count } } }',
  );
  expect(errors).toBeUndefined();
  expect(data.queryRowsAggregate).toEqual([{ count: 1, group: { count: 2 } }]);
});

it('prints the tables that are asked for, and writes over no file', async () => {
  const { tandem } = await import('../helpers/run-command-line.ts');
  const printed = await tandem(['generate-entities', '--tables', 'she*'], settings());
  expect(printed.code).toBe(0);
  expect(printed.stdout).toMatch(/^\/\/ sheep\.ts\n[\s\S]*many: 'sheepList'/);
  const again = await tandem(['generate-entities', '--out', folder], settings());
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringContaining('there already, and nothing was written'),
  ]);
  const none = await tandem(['generate-entities', '--tables', 'nothing'], settings());
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('AZURE has no such tables. Next: ')]);
});
