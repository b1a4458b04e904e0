import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { beginningOf } from '../../src/migrator/apply.ts';
import { checksumOf } from '../../src/migrator/files.ts';
import { destructive } from '../../src/migrator/lint/finding.ts';
import { lintStatements } from '../../src/migrator/lint/lint.ts';
import { exitCodes } from '../../src/migrator/outcome.ts';

const source = `import { Migration } from '@mikro-orm/migrations';
// A comment, and it's no text.
export class M1 extends Migration {
  override name = 'M1';
  override up(): void | Promise<void> {
    for (let id = 0; id < 1_000; id += 10) {
      this.addSql(\`update \\\`a\\\` set b = '\${'x'}' where id = \${id};\`);
    }
  }
}
`;
const built = `import { Migration } from "@mikro-orm/migrations";
export class M1 extends Migration {
    constructor() { super(...arguments); this.name = "M1"; }
    up() {
        for (let id = 0; id < 1000; id += 10)
            { this.addSql(\`update \\\`a\\\` set b = '\${"x"}' where id = \${id};\`); }
    }
}
//# sourceMappingURL=M1.js.map
`;

it('gives a migration and what is built of it one checksum', () => {
  expect(checksumOf('M1', built)).toBe(checksumOf('M1', source));
});

it.each([
  ['a word of SQL', 'set b', 'set c'],
  ['a number', '1_000', '2_000'],
  ['a value put into SQL', "'x'", "'y'"],
  ['a word after a value', 'where id', 'where key'],
])('gives a migration another checksum when %s is edited', (_, from, to) => {
  expect(checksumOf('M1', source.replace(from, to))).not.toBe(checksumOf('M1', source));
});

it.each([
  ['drop table if exists `a`, `b`;', ['a', 'b']],
  ['alter table `a` drop column `b`, add c int;', ['a']],
  ['alter table a drop b', ['a']],
  ['truncate table a', ['a']],
  ['delete from a;', ['a']],
  ['alter table `a` drop foreign key `b`, drop index c, drop primary key, drop check d', []],
  ['delete from a where b = 1', []],
])('finds what %s takes away', (sql, tables) => {
  expect(destructive(lintStatements([sql])).map(({ object }) => object.split('.')[0])).toEqual(tables);
});

it('names a statement without its values', () => {
  expect(beginningOf("update `patients` set last_name = 'Secret'")).toBe('update `patients`');
  expect(beginningOf("insert into patients values ('Secret')")).toBe('insert into');
  expect(beginningOf('/* lint: allow x: y */\n -- why\n drop table `a`')).toBe('drop table `a`');
});

it('has every exit code in docs/migrations.md', async () => {
  const page = await readFile(new URL('../../docs/migrations.md', import.meta.url), 'utf8');
  for (const [kind, code] of Object.entries(exitCodes)) expect(page).toContain(`| ${code} | ${kind} | `);
});
