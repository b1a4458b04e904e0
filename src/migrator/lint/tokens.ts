/** A piece of SQL. `text` is without quotes; words are in capitals. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol' | 'comment';
  readonly text: string;
  /** Where it stands in the SQL. */
  readonly start: number;
  readonly end: number;
}

// https://dev.mysql.com/doc/refman/8.4/en/lexical-structure.html. What stands in a versioned comment (/*!80000 … */) is code.
const lexicon: readonly (readonly [Token['kind'] | null, RegExp])[] = [
  [null, /\s+|\/\*!\d*|\*\//y],
  ['comment', /\/\*[\s\S]*?(?:\*\/|$)|#[^\n]*|--(?=\s|$)[^\n]*/y],
  ['name', /`(?:[^`]|``)*`/y],
  ['string', /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"/y],
  ['number', /\d+(?:\.\d+)?(?![\w$])/y],
  ['word', /@{0,2}[\p{L}\p{N}_$]+/uy],
  ['symbol', /[\s\S]/y],
];

/** Takes SQL apart, comments included. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    for (const [kind, pattern] of lexicon) {
      pattern.lastIndex = at;
      const found = pattern.exec(sql)?.[0];
      if (found === undefined) continue;
      const end = at + found.length;
      if (kind !== null) tokens.push({ kind, text: textOf(kind, found), start: at, end });
      at = end;
      break;
    }
  }
  return tokens;
}

function textOf(kind: Token['kind'], found: string): string {
  if (kind === 'word') return found.toUpperCase();
  if (kind === 'name') return found.slice(1, -1).replaceAll('``', '`');
  if (kind !== 'string') return found;
  const quote = found.charAt(0);
  return found
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .replace(/\\([\s\S])/g, '$1');
}

// Their bodies hold semicolons of their own.
const withBody = /^\s*create\b[^;]*?\b(?:trigger|procedure|function|event)\b/i;

/** The statements of a text, without their semicolons; one in a string or a comment ends nothing. */
export function splitStatements(sql: string): string[] {
  if (withBody.test(sql)) return [sql.trim().replace(/;$/, '')];
  const statements: string[] = [];
  let from = 0;
  for (const { kind, text, start, end } of tokensOf(sql)) {
    if (kind !== 'symbol' || text !== ';') continue;
    statements.push(sql.slice(from, start));
    from = end;
  }
  statements.push(sql.slice(from));
  return statements.map((statement) => statement.trim()).filter((statement) => hasCode(statement));
}

const hasCode = (sql: string) => tokensOf(sql).some(({ kind }) => kind !== 'comment');
