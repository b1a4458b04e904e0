import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { splitStatements } from '../../src/sql/split-statements.ts';
import { tandem } from '../helpers/cli.ts';
import { asMigrator, createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import type { TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
let server: TestServer;
let folder = '';

// The entities that the command writes take the place of src/entities/index.ts in what is imported behind it.
beforeAll(async () => {
  const statements = splitStatements(readFileSync('tests/fixtures/generated-schema.sql', 'utf8'));
  databases = await createDatabases({ migrated: false, statements });
  folder = await mkdtemp(join(import.meta.dirname, '../generated-'));
  const { code, stderr } = await tandem(
    ['generate-entities', '--source', 'azure', '--out', folder],
    environmentOf(databases.config),
  );
  expect(code, stderr).toBe(0);
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
  server = await startServer(databases.config, { bothExecutors: true });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
  if (folder !== '') await rm(folder, { recursive: true });
});

const settings = () => environmentOf(databases.config);

it('writes entities that the server accepts, and that lack only a foreign key to no primary key', async () => {
  const { tandem } = await import('../helpers/cli.ts');
  const { stdout } = await tandem(['drift', '--only', 'entities'], settings());
  const found = stdout.split('\n').filter((line) => /breaking|cosmetic/.test(line));
  expect(found.map((line) => line.trim().split(/ {2,}/).slice(0, 3).join(' '))).toEqual(
    Array(2).fill('breaking foreign key lamb.lamb_mother'),
  );
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

it('prints the tables that are asked for, and writes over no file', async () => {
  const { tandem } = await import('../helpers/cli.ts');
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
