import { codeTokens, type SqlToken } from './tokens.ts';

/** SQL that is read from left to right. */
export interface SqlReader {
  /** Whether these words come next. */
  is(...words: readonly string[]): boolean;
  /** Takes these words where they come next. */
  skip(...words: readonly string[]): boolean;
  /** Takes one of these words, or none. */
  oneOf<const Word extends string>(...words: readonly Word[]): Word | null;
  /** Takes a name, quoted or not; the last part of one with dots. Null where something else stands. */
  name(): string | null;
  /** Takes what stands in parentheses, without them; null where none open. */
  parenthesized(): string | null;
  /** Takes one token of any kind; one in parentheses is taken with all that is in it. */
  any(): string;
  /** Takes tokens as they are written up to a comma, or a word of `ends`, outside parentheses. */
  until(...ends: readonly string[]): string;
  readonly done: boolean;
  readonly next: SqlToken | undefined;
}

/** Reads SQL without its comments. */
export function readerOf(sql: string): SqlReader {
  const tokens = codeTokens(sql);
  let at = 0;

  const matches = (word: string, token: SqlToken | undefined) =>
    token !== undefined && (token.kind === 'word' || token.kind === 'symbol') && token.text === word;

  /** Behind the token at `from`, or behind the parenthesis that closes the one there. */
  function behind(from: number): number {
    if (!matches('(', tokens[from])) return from + 1;
    let depth = 0;
    for (let index = from; index < tokens.length; index += 1) {
      if (matches('(', tokens[index])) depth += 1;
      if (matches(')', tokens[index])) depth -= 1;
      if (depth === 0) return index + 1;
    }
    return tokens.length;
  }

  const written = (from: number, to: number) => {
    const [first, last] = [tokens[from], tokens[to - 1]];
    return from >= to || first === undefined || last === undefined ? '' : sql.slice(first.start, last.end);
  };

  const reader: SqlReader = {
    is: (...words) => words.every((word, index) => matches(word, tokens[at + index])),
    skip(...words) {
      const found = reader.is(...words);
      if (found) at += words.length;
      return found;
    },
    oneOf(...words) {
      const found = words.find((word) => reader.is(...word.split(' ')));
      if (found === undefined) return null;
      at += found.split(' ').length;
      return found;
    },
    name() {
      const token = tokens[at];
      if (token === undefined || (token.kind !== 'name' && token.kind !== 'word')) return null;
      at += 1;
      if (reader.skip('.')) return reader.name();
      return token.kind === 'name' ? token.text : sql.slice(token.start, token.end);
    },
    parenthesized() {
      if (!reader.is('(')) return null;
      const from = at;
      at = behind(at);
      return written(from + 1, at - 1);
    },
    any() {
      const from = at;
      at = behind(at);
      return written(from, at);
    },
    until(...ends) {
      const from = at;
      while (at < tokens.length && !reader.is(',') && !ends.some((end) => reader.is(...end.split(' ')))) {
        at = behind(at);
      }
      return written(from, at);
    },
    get done() {
      return at >= tokens.length;
    },
    get next() {
      return tokens[at];
    },
  };
  return reader;
}

/** Splits at the commas outside parentheses. */
export function listOf(sql: string): string[] {
  const reader = readerOf(sql);
  const items: string[] = [];
  while (!reader.done) {
    items.push(reader.until());
    reader.skip(',');
  }
  return items;
}

/** A column list: names where the parts are plain, the expression where one is not. Prefix and order are left out. */
export function keyPartsIn(sql: string): string[] {
  return listOf(sql).map((part) => (part.startsWith('(') ? part : (readerOf(part).name() ?? part)));
}

/** The prefix lengths of a column list; null where a part is whole. */
export function lengthsOf(sql: string): (number | null)[] {
  return listOf(sql).map((part) => {
    if (part.startsWith('(')) return null;
    const reader = readerOf(part);
    reader.name();
    const length = reader.parenthesized();
    return length === null ? null : Number(length);
  });
}
