import { randomBytes } from 'node:crypto';
import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import { quoteName } from '../sql/quote.ts';
import { isWord, tableSpan } from '../sql/table-span.ts';
import { codeTokens } from '../sql/tokens.ts';
import type { AlterClause } from './lint/alter-clause.ts';
import type { Algorithm, Lock, ServerVerdict } from './lint/impact.ts';
import { statementOf } from './lint/statement.ts';

/** From the fastest on; the server takes the first that it can. */
const attempts: readonly (readonly [Algorithm, Lock])[] = [
  ['INSTANT', 'NONE'],
  ['INPLACE', 'NONE'],
  ['INPLACE', 'SHARED'],
  ['COPY', 'NONE'],
  ['COPY', 'SHARED'],
];

/** https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html#error_er_alter_operation_not_supported */
const notSupported = [1845, 1846];

/**
 * Asks a server how it carries out changes of tables: it makes an empty table like each one that is changed, tries the
 * statements on that with ALGORITHM and LOCK, and drops it. The account needs CREATE, ALTER and DROP.
 *
 * @returns by statement, without those about foreign keys, names of checks or other tables, since a copy has none,
 * and so are those of tables that are not there
 */
export async function askServer(
  em: CatalogueConnection,
  statements: readonly string[],
): Promise<Map<string, ServerVerdict>> {
  const verdicts = new Map<string, ServerVerdict>();
  const scratches = new Map<string, string>();
  const there = await em.execute<{ name: string }[]>(
    "select table_name as name from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE'",
  );
  try {
    for (const sql of statements) {
      const statement = statementOf(sql);
      if (statement.kind !== 'alterTable' || !statement.clauses.every(canBeTried)) continue;
      const { table } = statement;
      if (!there.some(({ name }) => name === table)) continue;
      const scratch = scratches.get(table) ?? `tandem_lint_${randomBytes(6).toString('hex')}`;
      if (!scratches.has(table)) {
        await em.execute(`create table ${quoteName(scratch)} like ${quoteName(table)}`);
        scratches.set(table, scratch);
      }
      const verdict = await attempt(em, sql, scratch);
      if (verdict !== null) verdicts.set(sql, verdict);
    }
  } finally {
    for (const scratch of scratches.values()) await em.execute(`drop table if exists ${quoteName(scratch)}`);
  }
  return verdicts;
}

async function attempt(em: CatalogueConnection, sql: string, scratch: string): Promise<ServerVerdict | null> {
  for (const [algorithm, lock] of attempts) {
    const tried = withLimits(sql, scratch, { algorithm, lock });
    if (tried === null) return null;
    try {
      await em.execute(tried);
      return { algorithm, lock: lock === 'NONE' ? 'NONE' : 'SHARED' };
    } catch (error) {
      const { errno = 0, sqlMessage = '' } = error as { errno?: number; sqlMessage?: string };
      if (errno === 0) throw error;
      if (!notSupported.includes(errno))
        return { errno, message: sqlMessage.replaceAll(scratch, 'the table') };
    }
  }
  return null;
}

function canBeTried(clause: AlterClause): boolean {
  const cannot: readonly AlterClause['does'][] = [
    ...(['addForeignKey', 'dropForeignKey', 'dropConstraint', 'dropCheck', 'alterCheck'] as const),
    ...(['renameTable', 'limits', 'notUnderstood'] as const),
  ];
  if (cannot.includes(clause.does)) return false;
  return clause.does !== 'partition' || clause.how !== 'EXCHANGE PARTITION';
}

/** The statement on another table, with ALGORITHM and LOCK where MySQL wants them; null where it has another form. */
export function withLimits(
  sql: string,
  table: string,
  { algorithm, lock }: { readonly algorithm: Algorithm; readonly lock: Lock },
): string | null {
  const limits = [`algorithm=${algorithm}`, ...(algorithm === 'INSTANT' ? [] : [`lock=${lock}`])];
  const tokens = codeTokens(sql);
  const alters = isWord(tokens[0], 'ALTER') && isWord(tokens[1], 'TABLE');
  const span = tableSpan(tokens);
  if (span === null) return null;
  const { last } = span;
  const [first, end] = [tokens[span.first], tokens[last]];
  if (first === undefined || end === undefined) return null;
  const [before, after] = [sql.slice(0, first.start), sql.slice(end.end).replace(/;\s*$/, '')];
  if (!alters) return `${before}${quoteName(table)}${after} ${limits.join(' ')}`;
  const divides = isWord(tokens[last + 1], 'PARTITION') || isWord(tokens[last + 1], 'REMOVE');
  return `${before}${quoteName(table)} ${limits.join(', ')}${divides ? '' : ','}${after}`;
}
