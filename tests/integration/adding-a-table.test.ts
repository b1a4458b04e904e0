import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createDatabases, environmentOf } from '../helpers/databases.ts';

// What docs/tables.md says is all that a new table needs, done in a copy of the project.

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The first block of a language in docs/tables.md. */
const block = (docs: string, language: string) =>
  new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(docs)?.[1] ?? '';

/** Applies a diff of whole lines to the file that it names. */
async function apply(folder: string, diff: string): Promise<void> {
  const [heading = '', ...lines] = diff.trimEnd().split('\n');
  const path = `${folder}/${heading.replace('--- ', '')}`;
  const side = (sign: '+' | '-') =>
    lines
      .filter((line) => !line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const text = await readFile(path, 'utf8');
  expect(text).toBe(side('+'));
  await writeFile(path, side('-'));
}

/** Runs the commands, and then asks the API as a server of the copy has it: one process instead of one each. */
const program = (commands: readonly string[]) => `
import 'reflect-metadata';
import { runCommandLine } from './src/commands/command-line.ts';
import { loadConfig } from './src/config/config.ts';
import { createLog } from './src/log/log.ts';
import { start } from './src/start.ts';
for (const command of ${JSON.stringify(commands)}) {
  const code = await runCommandLine(command.split(' '), process);
  if (code !== 0) process.exit(code);
}
const config = loadConfig();
const running = await start({ ...config, server: { ...config.server, port: 0 } }, createLog({ level: 'silent' }));
const query = 'mutation { createClinic(source: GCP, input: { name: "North", beds: 3, parts: [{ name: "South", beds: 2 }] }) { clinic { key meals parts { nodes { name whole { name } } } } } }';
const response = await fetch(running.url + '/graphql', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
});
console.log('ANSWER ' + (await response.text()));
await running.stop();
`;

it('a table is one file and one line: the commands of docs/tables.md make it in both clouds, and the API has it', async () => {
  await using databases = await createDatabases({ migrated: 'by migrations' });
  // Inside the project, so that the files find their modules.
  const parent = `${root}/node_modules/.tandem-tests`;
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(`${parent}/table-`);
  try {
    for (const name of ['src', 'migrations', 'mikro-orm.config.ts', 'package.json', 'tsconfig.json']) {
      await cp(`${root}/${name}`, `${folder}/${name}`, { recursive: true });
    }
    const docs = await readFile(`${root}/docs/tables.md`, 'utf8');
    await writeFile(`${folder}/src/entities/clinic.ts`, block(docs, 'ts'));
    await apply(folder, block(docs, 'diff'));
    const commands = [...docs.matchAll(/^npm run tandem -- (migrate .*)$/gm)].map(
      ([, command = '']) => command,
    );
    expect(commands).toEqual(['migrate create add_clinics', 'migrate up']);
    await writeFile(`${folder}/try.mts`, program([...commands, 'drift --only entities']));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'try.mts'], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NO_COLOR: '1',
        ...environmentOf(databases.config),
      },
    });
    expect(JSON.parse(/^ANSWER (.*)$/m.exec(stdout)?.[1] ?? stdout)).toEqual({
      data: {
        createClinic: {
          clinic: { key: 1, meals: 9, parts: { nodes: [{ name: 'South', whole: { name: 'North' } }] } },
        },
      },
    });
    const made = await Promise.all(['azure', 'gcp'].map((cloud) => readdir(`${folder}/migrations/${cloud}`)));
    for (const files of made) expect(files.filter((file) => file.includes('add_clinics'))).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
