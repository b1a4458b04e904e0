import { quoteName } from './quote.ts';
import { codeTokens, isOneOf, isSymbol, type SqlToken } from './tokens.ts';

// MySQL writes definitions itself: all names in backquotes, and AS in capitals before the name of a column or table.

/**
 * A view's definition without the name of its own database, which the catalogue puts before each table of it. An alias
 * that is called like the database stays.
 */
export function withoutDatabase(definition: string, database: string): string {
  if (!definition.includes(`${quoteName(database)}.`)) return definition;
  const tokens = codeTokens(definition);
  const tables = new Set(tablePlaces(tokens));
  let text = '';
  let from = 0;
  for (const [at, token] of tokens.entries()) {
    const isOwn = token.kind === 'name' && token.text === database && !isSymbol(tokens[at - 1], '.');
    // Of a table, or of a table's column.
    if (!isOwn || !isSymbol(tokens[at + 1], '.') || !(tables.has(at) || isSymbol(tokens[at + 3], '.')))
      continue;
    text += definition.slice(from, token.start);
    from = tokens[at + 1]?.end ?? token.end;
  }
  return text + definition.slice(from);
}

/** The tables and views of its own database that a definition without that one's name refers to. */
export function tableNamesIn(definition: string): string[] {
  const tokens = codeTokens(definition);
  const within = new Set(isOneOf(tokens[0], ['WITH']) ? definedIn(definition, tokens) : []);
  const own = tablePlaces(tokens).filter((at) => !isSymbol(tokens[at + 1], '.'));
  return [...new Set(own.map((at) => tokens[at]?.text ?? ''))].filter((name) => !within.has(name));
}

/** The definition's own names of the columns: MySQL writes an AS behind each. */
export function outputsOf(definition: string): string[] {
  const tokens = codeTokens(definition);
  const outputs: string[] = [];
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    if (depth > 0) continue;
    if (isOneOf(token, ['FROM', 'UNION']) && outputs.length > 0) break;
    if (isWritten(definition, token, 'AS')) outputs.push(tokens[at + 1]?.text ?? '');
  }
  return outputs;
}

function isWritten(definition: string, token: SqlToken | undefined, word: string): boolean {
  return token?.kind === 'word' && definition.slice(token.start, token.end) === word;
}

/** Where names of tables begin: behind FROM and JOIN, but not that of EXTRACT(YEAR FROM …). */
function tablePlaces(tokens: readonly SqlToken[]): number[] {
  /** Of each open parenthesis, the word before it; and the last token that was no parenthesis. */
  const opened: (SqlToken | undefined)[] = [];
  let last: SqlToken | undefined;
  return tokens.flatMap((token, at) => {
    const inside = isOneOf(opened.at(-1), ['EXTRACT', 'TRIM']);
    const found = token.kind === 'name' && isOneOf(last, ['FROM', 'JOIN', 'STRAIGHT_JOIN']) && !inside;
    if (isSymbol(token, '(')) opened.push(last);
    else if (isSymbol(token, ')')) last = opened.pop();
    else last = token;
    return found ? [at] : [];
  });
}

/** Names of what WITH defines: behind these the word is in small letters. */
function definedIn(definition: string, tokens: readonly SqlToken[]): string[] {
  return tokens.flatMap((token, at) => {
    const next = tokens[at + 1];
    const defines = isSymbol(next, '(') || isWritten(definition, next, 'as');
    return token.kind === 'name' && defines ? [token.text] : [];
  });
}
