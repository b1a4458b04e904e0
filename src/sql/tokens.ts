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

/** The statements of a text, without their semicolons; one in a string, a comment or a program's body ends nothing. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  const tokens = tokensOf(sql).filter(({ kind }) => kind !== 'comment');
  let from = 0;
  for (let at = 0; at < tokens.length; ) {
    at = behindStatement(tokens, at);
    const last = tokens[at - 1] as Token;
    const ends = last.kind === 'symbol' && last.text === ';';
    statements.push(sql.slice(from, ends ? last.start : sql.length));
    from = last.end;
  }
  return statements.map((statement) => statement.trim()).filter((statement) => hasCode(statement));
}

/** The place behind the semicolon that ends the statement which begins at `from`. */
function behindStatement(tokens: readonly Token[], from: number): number {
  const program = isProgram(tokens, from);
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] as Token;
    if (kind === 'symbol' && text === ';' && depth === 0) return at + 1;
    if (!program || kind !== 'word' || tokens[at - 1]?.text === '.') continue;
    if (text === 'END') {
      depth -= 1;
      // END IF, END LOOP, END CASE …: the word opens nothing.
      if (isOneOf(tokens[at + 1], opening)) at += 1;
    } else if (
      text === 'BEGIN' ||
      text === 'CASE' ||
      (isOneOf(tokens[at], opening) && startsStatement(tokens, at))
    ) {
      depth += 1;
    }
  }
  return tokens.length;
}

// https://dev.mysql.com/doc/refman/8.4/en/sql-compound-statements.html
const opening: readonly string[] = ['IF', 'CASE', 'LOOP', 'WHILE', 'REPEAT'];

/** Behind what a statement of a program's body begins, so that IF(…) and REPEAT(…) in an expression do not. */
function startsStatement(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  if (before?.kind === 'symbol') return before.text === ';' || before.text === ':' || before.text === ')';
  if (before?.kind === 'string' || isOneOf(tokens[at - 2], ['FOLLOWS', 'PRECEDES'])) return true;
  return isOneOf(before, [
    'BEGIN',
    'THEN',
    'ELSE',
    'DO',
    'LOOP',
    'REPEAT',
    'ROW',
    'DETERMINISTIC',
    'SQL',
    'DATA',
    'INVOKER',
    'DEFINER',
  ]);
}

const isOneOf = (token: Token | undefined, words: readonly string[]) =>
  token?.kind === 'word' && words.includes(token.text);

const programs: readonly string[] = ['TRIGGER', 'PROCEDURE', 'FUNCTION', 'EVENT'];

/** CREATE or ALTER of what has a body, which holds semicolons of its own. */
function isProgram(tokens: readonly Token[], from: number): boolean {
  if (!isOneOf(tokens[from], ['CREATE', 'ALTER'])) return false;
  // Between them stand OR REPLACE, DEFINER = user@host, AGGREGATE.
  for (let at = from + 1; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    if (isOneOf(token, programs)) return true;
    if (
      isOneOf(token, ['TABLE', 'VIEW', 'INDEX', 'DATABASE', 'SCHEMA', 'USER']) ||
      token.text === '(' ||
      token.text === ';'
    ) {
      if (token.text !== '(' || !isOneOf(tokens[at - 1], ['CURRENT_USER'])) return false;
    }
  }
  return false;
}

const hasCode = (sql: string) => tokensOf(sql).some(({ kind }) => kind !== 'comment');
