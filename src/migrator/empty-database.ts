import { listOf, readerOf } from '../sql/reader.ts';
import { codeTokens, isName, isOneOf, isSymbol, nameIn } from '../sql/tokens.ts';

/** A migration asked something that only a database can answer. */
export class NeedsDatabase extends Error {
  override readonly name = 'NeedsDatabase';

  constructor(migration: string, what: string, next = 'Run it with --live.') {
    super(`${migration} ${what}, which only a database can answer. ${next}`);
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
 * @throws NeedsDatabase for a read of anything but the database's own tables
 */
export function emptyAnswer(sql: string, migration: string): Record<string, number | null>[] {
  const tokens = codeTokens(sql);
  const known =
    isOneOf(tokens[0], ['SELECT']) && !tokens.some((token) => isName(token) && isOfServer(token.text));
  const words = tokens.filter(({ kind }) => kind === 'word').map(({ text }) => text);
  if (!known || !words.includes('FROM') || words.includes('UNION')) {
    throw new NeedsDatabase(migration, 'reads more than its tables');
  }
  const items = readList(sql);
  const aggregated = items.map(({ expression }) => aggregateIn(expression));
  if (aggregated.every((name) => name === null)) {
    // MAX(id) + 1, or one in COALESCE: a single row, but of what?
    if (tokens.some((token, at) => isOneOf(token, aggregates) && isSymbol(tokens[at + 1], '('))) {
      throw new NeedsDatabase(migration, 'reckons with an aggregate');
    }
    return [];
  }
  if (words.includes('GROUP') || words.includes('HAVING')) return [];
  return [
    Object.fromEntries(
      items.map(({ name }, index) => {
        if (aggregated[index] === null)
          throw new NeedsDatabase(migration, `reads ${name} beside an aggregate`);
        return [name, aggregated[index] === 'COUNT' ? 0 : null];
      }),
    ),
  ];
}

const isOfServer = (name: string) => /^(information_schema|performance_schema|mysql|sys)$/i.test(name);

const aggregates = [
  'COUNT',
  'MIN',
  'MAX',
  'SUM',
  'AVG',
  'GROUP_CONCAT',
  'STD',
  'STDDEV',
  'VARIANCE',
] as const;

/** An aggregate and nothing around it. */
function aggregateIn(expression: string): string | null {
  const reader = readerOf(expression);
  const name = reader.oneOf(...aggregates);
  return name !== null && reader.parenthesized() !== null && reader.done ? name : null;
}

/** The expressions that a SELECT asks for, each with the name that it has in the row. */
function readList(sql: string): { expression: string; name: string }[] {
  const reader = readerOf(sql);
  reader.skip('SELECT');
  const items: string[] = [];
  do items.push(reader.until('FROM'));
  while (reader.skip(','));
  return listOf(items.join(', ')).map((item) => {
    const tokens = codeTokens(item);
    const [before, last] = tokens.slice(-2);
    if (before === undefined || last === undefined) return { expression: item, name: item };
    const named = isOneOf(before, ['AS']);
    const isAlias = isName(last) || last.kind === 'string';
    if (!isAlias || !(named || isSymbol(before, ')'))) return { expression: item, name: item };
    const end = named ? tokens.at(-3)?.end : before.end;
    return { expression: item.slice(0, end), name: nameIn(item, last) };
  });
}
