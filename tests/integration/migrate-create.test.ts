import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMigration, type Folders } from '../../src/migrator/create.ts';

let root: string;
let folders: Folders;

beforeEach(() => {
  // Inside the project, so that the files find their modules.
  root = mkdtempSync(resolve('tests/.created-'));
  folders = { AZURE: join(root, 'azure'), GCP: join(root, 'gcp') };
  for (const folder of Object.values(folders)) cpSync('migrations/azure', folder, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const create = (name: string, more = {}) => createMigration(name, { folders, ...more });
const contents = () =>
  Object.values(folders).map((folder) =>
    Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')])),
  );

type Tables = Record<string, { columns: Record<string, Record<string, unknown>> }>;

/** Puts both folders, snapshots and SQL, back to what was before entities changed. */
function rewind(change: (tables: Tables) => void, ...sql: readonly (readonly [is: string, was: string])[]) {
  for (const folder of Object.values(folders)) {
    const file = join(folder, '.snapshot.json');
    const schema = JSON.parse(readFileSync(file, 'utf8'));
    change(Object.fromEntries(schema.tables.map((table: { name: string }) => [table.name, table])));
    writeFileSync(file, JSON.stringify(schema, null, 2));
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.ts'))) {
      const text = readFileSync(join(folder, name), 'utf8');
      writeFileSync(
        join(folder, name),
        sql.reduce((before, [is, was]) => before.replace(escaped(is), escaped(was)), text),
      );
    }
  }
}

const escaped = (sql: string) => sql.replaceAll('`', '\\`');

it('writes the first migration where the folders are empty, or not there', async () => {
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true });
  const created = await create('initial');
  if ('cause' in created) throw new Error(created.cause);
  const [azure, gcp] = contents();
  expect(azure).toEqual(gcp);
  expect(azure?.[`${created.name}.ts`]).toContain('create table');
  expect(Object.keys(azure ?? {})).toContain('.snapshot.json');
});

it('says what is in the way where only the migrations, or only the snapshots, were deleted', async () => {
  for (const folder of Object.values(folders)) {
    for (const file of readdirSync(folder)) if (file.endsWith('.ts')) rmSync(join(folder, file));
  }
  expect(await create('initial')).toMatchObject({ remedy: expect.stringContaining('delete .snapshot.json') });
  for (const folder of Object.values(folders)) {
    cpSync('migrations/azure', folder, { recursive: true });
    rmSync(join(folder, '.snapshot.json'));
  }
  expect(await create('another')).toMatchObject({ cause: expect.stringContaining('no .snapshot.json') });
});

it('writes one migration for both clouds, byte for byte, in the project’s format, and both snapshots', async () => {
  rewind(
    ({ doctors, patients }) => {
      delete doctors?.columns.specialty;
      Object.assign(patients?.columns.contact_number ?? {}, { type: 'varchar(10)', length: 10 });
    },
    ['`specialty` varchar(50) null, ', ''],
    ['`contact_number` varchar(20)', '`contact_number` varchar(10)'],
  );
  const created = await create('longer_numbers');
  if ('cause' in created) throw new Error(created.cause);
  expect(created).toMatchObject({ formatted: true, findings: [] });
  expect(created.name).toMatch(/^Migration\d{14}_longer_numbers$/);
  const [azure, gcp] = contents();
  expect(azure).toEqual(gcp);
  expect(azure?.['.snapshot.json']).toBe(readFileSync('migrations/azure/.snapshot.json', 'utf8'));
  const text = azure?.[`${created.name}.ts`] ?? '';
  expect(text).toContain(`class ${created.name} extends`);
  expect(text).toContain(escaped('add `specialty` varchar(50) null'));
  expect(text).toContain(escaped('drop column `specialty`'));
  const args = ['format', `--stdin-file-path=migrations/azure/${created.name}.ts`];
  const checked = spawnSync(resolve('node_modules/.bin/biome'), args, { input: text, encoding: 'utf8' });
  expect(checked.status, checked.stderr).toBe(0);
  expect(checked.stdout).toBe(text);
  expect(await create('once_more')).toMatchObject({ cause: expect.stringContaining('nothing to migrate') });
});

it('says what the lint finds in what it wrote', async () => {
  rewind(
    ({ doctors }) => {
      if (doctors) doctors.columns.fax = { ...doctors.columns.specialty, name: 'fax' };
    },
    ['`specialty` varchar(50) null, ', '`specialty` varchar(50) null, `fax` varchar(50) null, '],
  );
  const created = await create('no_fax');
  expect(created).toMatchObject({
    findings: [{ rule: 'drop-column', object: 'doctors.fax', algorithm: 'INSTANT' }],
  });
});

it('leaves the snapshots alone in a blank one', async () => {
  const [before] = contents();
  const created = await create('fill_specialties', { blank: true });
  if ('cause' in created) throw new Error(created.cause);
  const [azure, gcp] = contents();
  expect(azure).toEqual(gcp);
  expect(azure).toMatchObject(before ?? {});
  expect(azure?.[`${created.name}.ts`]).toContain('select 1');
});

it.each([
  ['a name that is none', 'Add-Doctors', () => {}, 'cannot be'],
  ['a name with a path', '../doctors', () => {}, 'cannot be'],
  ['one that is taken', 'add_doctors', () => {}, 'of that name'],
  ['no difference', 'nothing', () => {}, 'nothing to migrate'],
  [
    'folders that differ',
    'x',
    (gcp: string) => writeFileSync(join(gcp, 'Migration1_y.ts'), ''),
    'differ in Migration1_y.ts',
  ],
  [
    'snapshots that differ',
    'x',
    (gcp: string) => writeFileSync(join(gcp, '.snapshot.json'), '{}'),
    'differ in .snapshot.json',
  ],
])('refuses %s, and writes nothing', async (_what, name, prepare, refused) => {
  prepare(folders.GCP);
  const before = contents();
  expect(await create(name)).toMatchObject({ cause: expect.stringContaining(refused) });
  expect(contents()).toEqual(before);
});
