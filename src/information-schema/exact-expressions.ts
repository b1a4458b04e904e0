import { quoteName } from '../sql/quote.ts';
import type { CatalogueConnection } from './catalogue-connection.ts';
import type { AllRows } from './catalogue-queries.ts';
import { type CreateTable, readCreateTable } from './create-table.ts';
import { isAscii, isLatin1, misreadAsLatin1 } from './latin1-expressions.ts';

/**
 * The catalogue escapes expressions once more, and takes the bytes of what is not ASCII for latin1: 'männlich' reads
 * 'mÃ¤nnlich'. It also keeps quiet about the parser of a FULLTEXT index, and ends a default of bytes at the first that is zero. SHOW CREATE TABLE has both, and is asked for
 * the tables that need it. After this, expressions are SQL.
 */
export async function withExactExpressions(em: CatalogueConnection, rows: AllRows): Promise<AllRows> {
  const needed = new Set([
    ...rows.columns
      .filter(
        (row) =>
          strange(row.expression) ||
          (hasExpression(row) && strange(row.default)) ||
          hasBytes(row) ||
          isLost(row),
      )
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
          const sql = `show create table ${quoteName(name)}`;
          const [row] = await em.execute<Record<string, string>[]>(sql);
          return [name, readCreateTable(row?.['Create Table'] ?? '')];
        }),
    ),
  );
  return {
    ...rows,
    columns: rows.columns.map((row) => {
      const { defaults, generated, bytes } = told.get(row.tableName) ?? {};
      const initial = hasExpression(row) && row.default !== null ? unescaped(row.default) : row.default;
      return {
        ...row,
        default:
          hasBytes(row) || isLost(row)
            ? ((isLost(row) ? defaults : bytes)?.get(row.name) ?? row.default)
            : hasExpression(row)
              ? exact(initial, defaults?.get(row.name))
              : initial,
        expression: exact(unescaped(row.expression ?? ''), generated?.get(row.name)),
      };
    }),
    checks: rows.checks.map((row) => {
      const shown = told.get(row.tableName)?.checks.get(row.name);
      return { ...row, clause: exact(unescaped(row.clause), shown) };
    }),
    indexes: rows.indexes.map((row, at) => {
      const { parts, parsers } = told.get(row.tableName) ?? {};
      const before = rows.indexes
        .slice(at - Number(row.place) + 1, at)
        .filter((part) => part.columnName === null);
      const shown = parts?.get(row.name)?.[before.length];
      return {
        ...row,
        expression: row.expression === null ? null : exact(unescaped(row.expression), shown),
        parser: parsers?.get(row.name) ?? null,
      };
    }),
  };
}

/** Whether the catalogue may say it otherwise than it is. */
function strange(expression: string | null): boolean {
  return expression !== null && !isAscii(expression);
}

/** The exact expression, from the catalogue's and SHOW CREATE TABLE's. */
function exact<T extends string | null>(told: T, shown: string | undefined): T | string {
  if (told === null || !strange(told)) return told;
  return shown === undefined || isLatin1(shown) ? misreadAsLatin1(told) : shown;
}

/** Whether ALTER COLUMN … SET DEFAULT set an expression that the catalogue then forgets, as it sometimes does. */
function isLost(row: { readonly default: string | null; readonly extra: string }): boolean {
  return hasExpression(row) && row.default === null;
}

/** Whether its default is bytes, in hexadecimal. */
function hasBytes(row: {
  readonly type: string;
  readonly default: string | null;
  readonly extra: string;
}): boolean {
  return /^(var)?binary/.test(row.type) && row.default?.startsWith('0x') === true && !hasExpression(row);
}

function hasExpression({ extra }: { readonly extra: string }): boolean {
  return /\bDEFAULT_GENERATED\b/.test(extra);
}

/** As SQL has it: _utf8mb4\'a\' is _utf8mb4'a'. */
function unescaped(expression: string): string {
  return expression.replace(/\\([\s\S])/g, (_, character: string) => controls[character] ?? character);
}

const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', '0': '\0' };
