import { listOf, readerOf } from '../sql/reader.ts';
import { tokensOf } from '../sql/tokens.ts';

/** A migration asked something that only a database can answer. */
export class NeedsDatabase extends Error {
  constructor(migration: string, what: string, next = 'Run it with --live.') {
    super(`${migration} ${what}, which only a database can answer. ${next}`);
    this.name = 'NeedsDatabase';
  }
}

/** Whether a statement only reads. */
export function reads(sql: string): boolean {
  return readerOf(sql).oneOf('SELECT', 'SHOW', 'WITH', 'EXPLAIN', '(') !== null;
}

/**
 * The rows that a SELECT has where its tables are empty: none, or for aggregates without GROUP BY a single one, in which
 * COUNT is 0 and every other is NULL. https://dev.mysql.com/doc/refman/8.4/en/aggregate-functions.html
 *
 * @throws NeedsDatabase for what is answered from elsewhere than from tables of one's own
 */
export function emptyAnswer(sql: string, migration: string): Record<string, number | null>[] {
  const reader = readerOf(sql);
  const known = reader.skip('SELECT') && !/\b(information_schema|performance_schema|mysql|sys)\b/i.test(sql);
  const words = tokensOf(sql)
    .filter(({ kind }) => kind === 'word')
    .map(({ text }) => text);
  if (!known || !words.includes('FROM') || words.includes('UNION')) {
    throw new NeedsDatabase(migration, 'reads more than its tables');
  }
  const items = readList(sql);
  const aggregated = items.map(({ expression }) => aggregate.exec(expression)?.[1]?.toUpperCase());
  if (aggregated.every((name) => name === undefined)) {
    // MAX(id) + 1, or one in COALESCE: a single row, but of what?
    if (/\b(count|min|max|sum|avg)\s*\(/i.test(items.map(({ expression }) => expression).join(' '))) {
      throw new NeedsDatabase(migration, 'reckons with an aggregate');
    }
    return [];
  }
  if (words.includes('GROUP') || words.includes('HAVING')) return [];
  return [
    Object.fromEntries(
      items.map(({ name }, index) => {
        if (aggregated[index] === undefined)
          throw new NeedsDatabase(migration, `reads ${name} beside an aggregate`);
        return [name, aggregated[index] === 'COUNT' ? 0 : null];
      }),
    ),
  ];
}

/** An aggregate and nothing around it. */
const aggregate =
  /^(count|min|max|sum|avg|group_concat|std|stddev|variance)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)$/i;

/** What a SELECT asks for, each with the name that it has in the row. */
function readList(sql: string): { expression: string; name: string }[] {
  const reader = readerOf(sql);
  reader.skip('SELECT');
  const items: string[] = [];
  do items.push(reader.until('FROM'));
  while (reader.skip(','));
  return listOf(items.join(', ')).map((item) => {
    const [, expression = item, alias] = /^([\s\S]*?)\s+(?:as\s+)?[`'"]?(\w+)[`'"]?$/i.exec(item) ?? [];
    return alias !== undefined && (/\)\s*$/.test(expression) || /\sas\s/i.test(item))
      ? { expression: expression.trim(), name: alias }
      : { expression: item, name: item };
  });
}
