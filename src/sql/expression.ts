import { quoteText, unquoteText } from './quote.ts';
import { codeTokens } from './tokens.ts';

/**
 * Brings SQL expressions into one spelling. MySQL prints what it has parsed: names quoted, each operation in parentheses,
 * each text with the character set of the session that made it. An entity says the same more briefly.
 */
export function sameExpression(left: string, right: string): boolean {
  const [a, b] = [tokens(left), tokens(right)].map((all) => all.map(inOneSpelling)) as [string[], string[]];
  if (a.join(' ') === b.join(' ')) return true;
  const [x, y] = [parsed(a), parsed(b)];
  return x !== null && x === y;
}

/**
 * Words and signs, without comments, introducers (_utf8mb4'…') and the quotes of names, whose case `fold` takes away.
 * Strings are as they are written, in single quotes.
 */
export function tokens(sql: string, { fold = lowered } = {}): string[] {
  const all = codeTokens(sql);
  return all.flatMap(({ kind, start, end, text }, at) => {
    const written = sql.slice(start, end);
    if (kind === 'name') return [fold(text)];
    if (kind === 'string') return [written.startsWith("'") ? written : quoteText(text)];
    if (kind === 'introducer' && all[at + 1]?.kind === 'string' && ofSessions.has(written.toLowerCase()))
      return [];
    return [synonyms[written.toLowerCase()] ?? written.toLowerCase()];
  });
}

/** The marks that MySQL puts in front of a text, of the session that has made it. */
const ofSessions: ReadonlySet<string> = new Set([
  '_utf8',
  '_utf8mb3',
  '_utf8mb4',
  '_latin1',
  '_ascii',
  '_binary',
]);

/** An apostrophe is doubled or escaped. */
function inOneSpelling(token: string): string {
  return token.startsWith("'") ? quoteText(unquoteText(token)) : token;
}

function lowered(name: string): string {
  return name.toLowerCase();
}

const synonyms: Record<string, string> = {
  '!=': '<>',
  '&&': 'and',
  '||': 'or',
  now: 'current_timestamp',
  octet_length: 'length',
};

/** How strongly operators bind: https://dev.mysql.com/doc/refman/8.4/en/operator-precedence.html */
const strength: Record<string, number> = {
  or: 1,
  xor: 2,
  and: 3,
  between: 5,
  '=': 6,
  '<=>': 6,
  '>=': 6,
  '>': 6,
  '<=': 6,
  '<': 6,
  '<>': 6,
  is: 6,
  like: 6,
  in: 6,
  regexp: 6,
  '|': 7,
  '&': 8,
  '<<': 9,
  '>>': 9,
  '-': 10,
  '+': 10,
  '*': 11,
  '/': 11,
  '%': 11,
  '^': 12,
};

/** The expression with each operation in parentheses; null where it has something that is not known here. */
function parsed(all: readonly string[]): string | null {
  let at = 0;
  const peek = () => all[at] ?? '';
  const take = (expected: string) => {
    if (peek() !== expected) throw new NotKnown();
    at += 1;
  };

  function list(): string {
    const items: string[] = [];
    while (peek() !== ')') {
      items.push(operation(0));
      if (peek() !== ')') take(',');
    }
    take(')');
    return `(${items.join(',')})`;
  }

  function operand(): string {
    const token = peek();
    at += 1;
    if (token === '(') {
      const inner = operation(0);
      take(')');
      return inner;
    }
    if (token === 'not') return `(not ${operation(4)})`;
    if (token === '-' || token === '~' || token === '!') return `(${token} ${operation(13)})`;
    if (!/^(['\w$]|\.\d)/.test(token) || token in strength || unknownWords.has(token)) throw new NotKnown();
    if (peek() === '(') {
      at += 1;
      return `${token}${list()}`;
    }
    return token;
  }

  function operation(least: number): string {
    let left = operand();
    for (;;) {
      const negated = peek() === 'not';
      const operator = all[negated ? at + 1 : at] ?? '';
      const binds = strength[operator];
      if (binds === undefined || binds <= least) return left;
      at += negated ? 2 : 1;
      const not = negated ? 'not ' : '';
      if (operator === 'is') {
        const isNot = peek() === 'not';
        if (isNot) at += 1;
        left = `(${left} is ${isNot ? 'not ' : ''}${operand()})`;
      } else if (operator === 'in') {
        take('(');
        left = `(${left} ${not}in ${list()})`;
      } else if (operator === 'between') {
        const low = operation(6);
        take('and');
        left = `(${left} ${not}between ${low} and ${operation(6)})`;
      } else {
        left = `(${left} ${not}${operator} ${operation(binds)})`;
      }
    }
  }

  try {
    const whole = operation(0);
    return at === all.length ? whole : null;
  } catch (error) {
    if (error instanceof NotKnown) return null;
    throw error;
  }
}

class NotKnown extends Error {}

const unknownWords = new Set(['case', 'when', 'then', 'else', 'end', 'interval', 'as', 'escape', 'collate']);
