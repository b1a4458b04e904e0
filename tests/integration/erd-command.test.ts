import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { built, spawnTandem, tandem } from '../helpers/run-command-line.ts';

let databases: TestDatabases;
let settings: Record<string, string>;
let folder: string;

beforeAll(async () => {
  databases = await createDatabases();
  settings = environmentOf(databases.config);
  folder = await mkdtemp(join(tmpdir(), 'tandem-erd-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await databases?.[Symbol.asyncDispose]();
});

it('prints Mermaid of both, and nothing else, on stdout', async () => {
  const { code, stdout } = await spawnTandem(['erd'], settings);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^%% AZURE and GCP\nerDiagram\n {2}doctors \{/);
});

it('writes what the name of the file says, whole', async () => {
  const out = join(folder, 'erd.png');
  const { code, stdout, stderr } = await tandem(['erd', '--source', 'gcp', '--out', out], settings);
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toContain('GCP: 3 tables, 2 foreign keys');
  expect((await readFile(out)).subarray(1, 4).toString()).toBe('PNG');
  expect(await readdir(folder)).toEqual(['erd.png']);
});

it('says which source does not answer, and leaves the file as it was', async () => {
  const out = join(folder, 'erd.png');
  const before = await readFile(out);
  const { code, stderr } = await tandem(['erd', '--out', out], { ...settings, AZURE_DB_PORT: '9' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^SOURCE_UNAVAILABLE: .*AZURE.*\nCONNECTION_REFUSED: .*\nNext: /s);
  expect(await readFile(out)).toEqual(before);
});

it.each(['pdf', 'txt', 'md', ''])('refuses a file whose ending, %j, names no format', async (ending) => {
  const out = join(folder, `picture${ending === '' ? '' : `.${ending}`}`);
  const { code, stdout, stderr } = await tandem(['erd', '--out', out], settings);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(
    'has an ending that names no format. Next: end it in .svg, .png, .mmd or .mermaid',
  );
  expect(await readdir(folder)).not.toContain(out);
  expect((await tandem(['erd', '--out', out, '--format', 'mermaid'], settings)).code).toBe(0);
  await rm(out);
});

it('draws the tables that are named, or near one', async () => {
  const named = await tandem(['erd', '--tables', 'doc*, patients'], settings);
  expect(named.stdout).toContain('patients {');
  expect(named.stdout).not.toContain('medical_records');
  const near = await tandem(['erd', '--around', 'patients', '--depth', '1'], settings);
  expect(near.stdout).toContain('medical_records {');
  expect(near.stdout).not.toContain('doctors');
  const unknown = await tandem(['erd', '--around', 'nurses'], settings);
  expect([unknown.code, unknown.stdout]).toEqual([1, '']);
  expect(unknown.stderr).toContain(
    'No table is called nurses. Those there are: doctors, medical_records, patients.',
  );
});

it('says that an empty database has nothing to draw', async () => {
  await using empty = await createDatabases({ migrated: false });
  const { code, stdout, stderr } = await tandem(['erd'], environmentOf(empty.config));
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('AZURE and GCP: no tables. Next: npm run -s tandem -- migrate up');
});

// util-linux's script gives a program a terminal.
it.skipIf(spawnSync('script', ['--version']).status !== 0)('prints no PNG on a terminal', () => {
  const command = `'${process.execPath}' '${built('src/cli.ts')}' erd --format png`;
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout.trim()).toBe(
    'A PNG is not for a terminal. Name a file with --out, or send it to one with >.',
  );
});
