import { quoteName, unquoteName } from './quote.ts';

/**
 * A view's definition without the name of its own database, which the catalogue puts before each table of it. An alias
 * that is called like the database stays.
 */
export function withoutDatabase(definition: string, database: string): string {
  const own = quoteName(database);
  if (!definition.includes(`${own}.`)) return definition;
  const tokens = tokensIn(definition);
  const tables = new Set(tablePlaces(tokens));
  return tokens
    .filter((token, at) => {
      const prefix = (place: number) =>
        tokens[place] === own &&
        tokens[place + 1] === '.' &&
        tokens[place - 1] !== '.' &&
        // Of a table, or of a table's column.
        (tables.has(place) || tokens[place + 3] === '.');
      return !prefix(at) && !(token === '.' && prefix(at - 1));
    })
    .join('');
}

/** The tables and views of its own database that a definition without that one's name refers to. */
export function tablesIn(definition: string): string[] {
  const tokens = tokensIn(definition);
  const within = new Set(/^with\b/.test(definition) ? definedIn(tokens) : []);
  const own = tablePlaces(tokens).filter((at) => tokens[at + 1] !== '.');
  return [...new Set(own.map((at) => unquoteName(tokens[at] ?? '')))].filter((name) => !within.has(name));
}

/** What the definition itself calls the columns: MySQL writes an AS behind each. */
export function outputsOf(definition: string): string[] {
  const tokens = tokensIn(definition);
  const outputs: string[] = [];
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth === 0 && (token === 'from' || token === 'union') && outputs.length > 0) break;
    if (depth === 0 && token === 'AS') outputs.push(unquoteName(next(tokens, at)));
  }
  return outputs;
}

function tokensIn(definition: string): readonly string[] {
  return definition.match(/'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`]|``)*`|\w+|\s+|[\s\S]/g) ?? [];
}

/** Where names of tables begin: behind FROM and JOIN, but not that of EXTRACT(YEAR FROM …). */
function tablePlaces(tokens: readonly string[]): number[] {
  /** Of each open parenthesis, the word before it; and the last word that was no blank or parenthesis. */
  const opened: string[] = [];
  let last = '';
  return tokens.flatMap((token, at) => {
    const inside = /^(extract|trim)$/.test(opened.at(-1) ?? '');
    const found = token.startsWith('`') && /^(from|join|straight_join)$/.test(last) && !inside;
    if (token === '(') opened.push(last);
    else if (token === ')') last = opened.pop() ?? '';
    if (token.trim() !== '' && !'()'.includes(token)) last = token;
    return found ? [at] : [];
  });
}

/** Names of what WITH defines; its columns are written AS, in capitals. */
function definedIn(tokens: readonly string[]): string[] {
  return tokens.flatMap((token, at) =>
    token.startsWith('`') && /^(as|\()$/.test(next(tokens, at)) ? [unquoteName(token)] : [],
  );
}

function next(tokens: readonly string[], at: number): string {
  return tokens.slice(at + 1).find((token) => token.trim() !== '') ?? '';
}
