import { lex } from '../sql/lexer.ts';
import { unquoteName, unquoteText } from '../sql/quote.ts';

/** Facts of SHOW CREATE TABLE that the catalogue lacks, or has wrongly. All by the names of columns, checks and indexes. */
export interface CreateTable {
  /** Expressions of DEFAULT (…), without the parentheses. */
  readonly defaults: ReadonlyMap<string, string>;
  /** Literals of DEFAULT as bytes in hexadecimal, such as 0x6162. */
  readonly bytes: ReadonlyMap<string, string>;
  /** Expressions of generated columns. */
  readonly generated: ReadonlyMap<string, string>;
  readonly checks: ReadonlyMap<string, string>;
  /** The expressions among an index's parts, in their order. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
  /** Parsers of FULLTEXT indexes that are not MySQL's own. */
  readonly parsers: ReadonlyMap<string, string>;
}

/**
 * Reads what SHOW CREATE TABLE answers; its spelling is MySQL's own, whatever statement made the table.
 * https://dev.mysql.com/doc/refman/8.4/en/show-create-table.html
 */
export function readCreateTable(create: string): CreateTable {
  const [defaults, generated, checks] = [
    new Map<string, string>(),
    new Map<string, string>(),
    new Map<string, string>(),
  ];
  const bytes = new Map<string, string>();
  const [parts, parsers] = [new Map<string, string[]>(), new Map<string, string>()];
  for (const tokens of definitionsIn(create)) {
    const named = tokens.findIndex((token) => token.startsWith('`'));
    const name = unquoteName(tokens[named] ?? '');
    if (named === 0) {
      const initial = inParentheses(tokens, ['DEFAULT']);
      const expression = inParentheses(tokens, ['GENERATED', 'ALWAYS', 'AS']);
      if (initial !== null) defaults.set(name, initial);
      const literal = tokens.slice(tokens.indexOf('DEFAULT') + 1).find((token) => token.trim() !== '') ?? '';
      if (tokens.includes('DEFAULT')) bytes.set(name, bytesOf(literal));
      if (expression !== null) generated.set(name, expression);
    } else if (tokens[0] === 'CONSTRAINT') {
      const expression = inParentheses(tokens, ['CHECK']);
      if (expression !== null) checks.set(name, expression);
    } else if (tokens.slice(0, 3).includes('KEY')) {
      const list = split(body(tokens, tokens.indexOf('(')));
      const expressions = list.filter(([first]) => first === '(').map((part) => body(part, 0).join(''));
      parts.set(tokens[0] === 'PRIMARY' ? 'PRIMARY' : name, expressions);
      const parser = tokens.lastIndexOf('PARSER');
      if (parser >= 0)
        parsers.set(name, unquoteName(tokens.slice(parser).find((token) => token[0] === '`') ?? ''));
    }
  }
  return { defaults, bytes, generated, checks, parts, parsers };
}

/** MySQL writes bytes that are UTF-8 as text, and others in hexadecimal. */
function bytesOf(literal: string): string {
  if (!literal.startsWith("'")) return literal;
  return `0x${Buffer.from(unquoteText(literal)).toString('hex').toUpperCase()}`;
}

/** Columns, keys and checks, each in its words and signs. Blanks are words of their own. */
function definitionsIn(create: string): string[][] {
  const tokens = [...lex(create)].map(({ start, end }) => create.slice(start, end));
  return split(body(tokens, tokens.indexOf('('))).map((definition) => {
    const from = definition.findIndex((token) => token.trim() !== '');
    return definition.slice(from);
  });
}

/** The tokens in the parentheses that open there. */
function body(tokens: readonly string[], open: number): string[] {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at] === '(') depth += 1;
    if (tokens[at] === ')') depth -= 1;
    if (depth === 0) return tokens.slice(open + 1, at);
  }
  return [];
}

/** By the commas that are in no parentheses. */
function split(tokens: readonly string[]): string[][] {
  const lists: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === ',' && depth === 0) lists.push([]);
    else lists.at(-1)?.push(token);
  }
  return lists;
}

/** The text in the parentheses that follow these words; null where they do not come so. */
function inParentheses(tokens: readonly string[], words: readonly string[]): string | null {
  const at = tokens.flatMap((token, index) => (token.trim() === '' ? [] : [index]));
  for (let from = 0; from + words.length < at.length; from += 1) {
    const open = at[from + words.length] ?? 0;
    if (tokens[open] === '(' && words.every((word, offset) => tokens[at[from + offset] ?? 0] === word))
      return body(tokens, open).join('');
  }
  return null;
}
