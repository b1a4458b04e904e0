import { LRUCache } from 'lru-cache';
import { reasonOf } from '../errors/reason-of.ts';
import type { Reads } from '../sources/transaction.ts';
import { quoteName } from '../sql/quote.ts';
import { replaceTables, type TablePart, tablesIn } from '../sql/replace-tables.ts';
import type { BoundStatement } from './statement-cache.ts';

/** Statements that are remembered, and for how many milliseconds: a view may be made anew at any time. */
const kept = { max: 100, ttl: 10_000 } as const;

/** Statements of one source, with the collations that their texts need. */
export interface ExplicitCollations {
  /** The statement as it is known to be needed. */
  of<S extends BoundStatement>(statement: S): S;
  /** The same of a statement that MySQL would not refuse, and answer by the session's collation instead of the view's. */
  learned<S extends BoundStatement>(statement: S, reads: Reads): Promise<S>;
  /**
   * The same of a statement that MySQL refused.
   * @throws the error, where it is about anything else, or no view is the reason
   */
  mend<S extends BoundStatement>(statement: S, error: unknown, reads: Reads): Promise<S>;
}

/**
 * A view's text that is no column of a table has a collation that MySQL compares with no other: of a literal that of the session that made
 * the view, of two columns that differ none. Its own is written out, as the source's catalogue has it, where a statement needs it, and of no
 * other column: no index serves what has a COLLATE. https://dev.mysql.com/doc/refman/8.4/en/charset-collation-coercibility.html
 */
export function explicitCollations(): ExplicitCollations {
  const written = new LRUCache<string, string>(kept);
  async function write<S extends BoundStatement>(statement: S, reads: Reads): Promise<S> {
    const parts = new Map<string, TablePart<never>>();
    for (const name of tablesIn(statement.sql)) {
      const part = await withCollations(name, reads);
      if (part !== null) parts.set(name, part);
    }
    const { sql } = parts.size === 0 ? statement : replaceTables(statement, parts);
    written.set(statement.sql, sql);
    return { ...statement, sql };
  }
  const of = <S extends BoundStatement>(statement: S): S => {
    const sql = written.size === 0 ? undefined : written.get(statement.sql);
    return sql === undefined ? statement : { ...statement, sql };
  };
  return {
    of,
    learned: async (statement, reads) =>
      written.has(statement.sql) ? of(statement) : write(statement, reads),
    async mend(statement, error, reads) {
      if (reasonOf(error) !== 'COLLATIONS_MIXED') throw error;
      const mended = await write(statement, reads);
      if (mended.sql === statement.sql) throw error;
      return mended;
    },
  };
}

/** Runs a statement with the collations that it needs. */
export async function inCollations<S extends BoundStatement, T>(
  collations: ExplicitCollations,
  statement: S,
  reads: Reads,
  run: (statement: S) => Promise<T>,
): Promise<T> {
  try {
    return await run(
      statement.likesView ? await collations.learned(statement, reads) : collations.of(statement),
    );
  } catch (error) {
    return await run(await collations.mend(statement, error, reads));
  }
}

/** All columns of a view; null for a table, and where all its texts are columns of tables. */
async function withCollations(view: string, reads: Reads): Promise<TablePart<never> | null> {
  const columns = await reads.rows<{ name: string; collation: string | null }>({
    sql: "select column_name as name, collation_name as collation from information_schema.columns join information_schema.tables using (table_schema, table_name) where table_schema = database() and lower(table_name) = lower(?) and table_type = 'VIEW' order by ordinal_position",
    params: [view],
  });
  const texts = columns.filter(({ collation }) => collation !== null);
  if (texts.length === 0) return null;
  const ofTexts = texts.map(({ name }) => `coercibility(\`row\`.${quoteName(name)})`);
  const [found = []] = await reads.arrays({
    sql: `select ${ofTexts.join(', ')} from (select 1) as \`one\` left join ${quoteName(view)} as \`row\` on false`,
    params: [],
  });
  const explicit = new Set(texts.filter((_, at) => Number(found[at]) !== ofColumn));
  if (explicit.size === 0) return null;
  const selected = columns.map((column) => {
    const name = quoteName(column.name);
    return explicit.has(column as (typeof texts)[number])
      ? `\`row\`.${name} collate ${column.collation} as ${name}`
      : `\`row\`.${name}`;
  });
  return { sql: `select ${selected.join(', ')} from ${quoteName(view)} as \`row\``, params: [] };
}

/** The value of COERCIBILITY for a column of a table. */
const ofColumn = 2;
