// SQL is read and quoted in src/sql alone.
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Files that look for quotation marks in texts that are no SQL. */
const notSql: Readonly<Record<string, string>> = {
  'config/parse-command.ts': 'the command line of a program',
  'errors/from-mysql.ts': 'messages of MySQL',
  'graphql/redact-messages.ts': 'messages of graphql-js',
  'migrator/refused-statement.ts': 'messages of MySQL',
  'migrator/source-literals.ts': 'JavaScript',
  'preflight/problem.ts': 'messages of MySQL',
  'server/request-body.ts': 'a header of HTTP',
};

/**
 * Patterns and replacements with which a file tells what is in quotation marks, or puts it there. Only `sql/` does so
 * with SQL; `local/` writes no statement that comes from elsewhere, and the console none.
 *
 * @returns each in one sentence; that of a file that is excepted and has none, too
 */
export function quotesReadIn(root: string, excepted = notSql): string[] {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(sep, '/'))
    .filter((file) => file.endsWith('.ts') && !/^(sql|local|console)\//.test(file))
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      return lines.flatMap((line, at) =>
        quoting.some((pattern) => pattern.test(line)) ? [{ file, at }] : [],
      );
    });
  const unused = Object.keys(excepted).filter((name) => !found.some(({ file }) => file === name));
  return [
    ...found
      .filter(({ file }) => excepted[file] === undefined)
      .map(
        ({ file, at }) =>
          `src/${file}:${at + 1} looks for quotation marks: SQL is read and quoted in src/sql.`,
      ),
    ...unused.map((file) => `src/${file} is excepted and looks for none.`),
  ];
}

/** A class of characters without a quotation mark, as in '[^']*'; a mark that becomes two, or two that become one. */
const quoting = [/\[\^[^\]]*['"`][^\]]*\]/, /replace(All)?\(.*("''"|'``'|'""')/];
