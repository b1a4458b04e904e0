import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A migration of a test: what it runs, one statement each. */
export interface Written {
  readonly up: readonly string[];
  readonly down?: readonly string[];
}

/** Where the modules of the project are found from. */
const parent = fileURLToPath(new URL('../../node_modules/.tandem-tests', import.meta.url));

/**
 * A folder of migrations that a test makes up. A file that is to change goes into another folder: Node loads a module
 * once.
 */
export async function migrationFolder(migrations: Readonly<Record<string, Written>>) {
  const path = `${parent}/${randomBytes(6).toString('hex')}`;
  await mkdir(path, { recursive: true });
  await writeFile(`${path}/package.json`, '{"type":"module"}');
  await writeMigrations(path, migrations);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes files of migrations into a folder. */
export async function writeMigrations(path: string, migrations: Readonly<Record<string, Written>>) {
  for (const [name, { up, down = [] }] of Object.entries(migrations)) {
    const body = (statements: readonly string[]) =>
      statements.map((sql) => `    this.addSql(${JSON.stringify(sql)});\n`).join('');
    const text = `import { Migration } from '@mikro-orm/migrations';
export class ${name.replace(/\W/g, '_')} extends Migration {
  up() {
${body(up)}  }
  down() {
${body(down)}  }
}
`;
    await writeFile(`${path}/${name}.js`, text);
  }
}
