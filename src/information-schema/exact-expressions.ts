import type { Asking } from './asking.ts';
import { type CreateTable, readCreateTable } from './create-table.ts';
import type { AllRows } from './rows.ts';

/**
 * The catalogue escapes expressions once more, and takes the bytes of what is not ASCII for latin1: 'männlich' reads
 * 'mÃ¤nnlich'. It also keeps quiet about the parser of a FULLTEXT index. SHOW CREATE TABLE has both, and is asked for
 * the tables that need it. After this, expressions are SQL.
 */
export async function withExactExpressions(em: Asking, rows: AllRows): Promise<AllRows> {
  const needed = new Set([
    ...rows.columns
      .filter((row) => strange(row.expression) || (hasExpression(row) && strange(row.default)))
      .map(({ tableName }) => tableName),
    ...rows.checks.filter((row) => strange(row.clause)).map((row) => row.tableName),
    ...rows.indexes
      .filter((row) => strange(row.expression) || row.kind === 'FULLTEXT')
      .map((row) => row.tableName),
  ]);
  const told = new Map(
    await Promise.all(
      rows.tables
        .filter(({ name }) => needed.has(name))
        .map(async ({ name }): Promise<[string, CreateTable]> => {
          const sql = `show create table \`${name.replaceAll('`', '``')}\``;
          const [row] = await em.execute<Record<string, string>[]>(sql);
          return [name, readCreateTable(row?.['Create Table'] ?? '')];
        }),
    ),
  );
  return {
    ...rows,
    columns: rows.columns.map((row) => {
      const { defaults, generated } = told.get(row.tableName) ?? {};
      const initial = hasExpression(row) && row.default !== null ? unescaped(row.default) : row.default;
      return {
        ...row,
        default: (strange(initial) ? defaults?.get(row.name) : undefined) ?? initial,
        expression:
          (strange(row.expression) ? generated?.get(row.name) : undefined) ?? unescaped(row.expression ?? ''),
      };
    }),
    checks: rows.checks.map((row) => {
      const exact = strange(row.clause) ? told.get(row.tableName)?.checks.get(row.name) : undefined;
      return { ...row, clause: exact ?? unescaped(row.clause) };
    }),
    indexes: rows.indexes.map((row, at) => {
      const { parts, parsers } = told.get(row.tableName) ?? {};
      const before = rows.indexes
        .slice(at - Number(row.place) + 1, at)
        .filter((part) => part.columnName === null);
      const exact = strange(row.expression) ? parts?.get(row.name)?.[before.length] : undefined;
      return {
        ...row,
        expression: exact ?? (row.expression === null ? null : unescaped(row.expression)),
        parser: parsers?.get(row.name) ?? null,
      };
    }),
  };
}

/** Whether the catalogue may say it otherwise than it is. */
function strange(expression: string | null | undefined): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has some.
  return expression != null && /[^\x00-\x7f]/.test(expression);
}

function hasExpression({ extra }: { readonly extra: string }): boolean {
  return /\bDEFAULT_GENERATED\b/.test(extra);
}

/** As SQL has it: _utf8mb4\'a\' is _utf8mb4'a'. */
function unescaped(expression: string): string {
  return expression.replace(/\\([\s\S])/g, (_, character: string) => controls[character] ?? character);
}

const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', '0': '\0' };
