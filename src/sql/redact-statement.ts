import { lex, type Token } from './lexer.ts';
import { codeTokens, isName, isOneOf, isSymbol, nameIn } from './tokens.ts';

/** Characters of a statement at most: an insert of a thousand rows says nothing more after its first ones. */
const longest = 2000;

/**
 * A statement without its values, for logs and traces. Reads have placeholders to begin with, but the ORM writes
 * values into the text of what it sends by itself, and those are people's.
 *
 * Literals become `?`; comments go. Text that is not understood is taken for a value: an unclosed quote makes one of all
 * that follows. A backslash escapes, as in each session of Tandem.
 */
export function statementText(sql: string): string {
  let text = '';
  let read = 0;
  let introduced = false;
  for (const token of lex(sql)) {
    if (text.length > longest) break;
    read = token.end;
    const shown = shownOf(token, sql);
    // The character set in front of a literal is a part of it.
    if (!introduced || shown !== ' ') text += shown;
    introduced = token.kind === 'introducer' || (introduced && shown === ' ');
  }
  text = text.replace(/ {2,}/g, ' ').trim();
  return read < sql.length || text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function shownOf({ kind, start, end }: Token, sql: string): string {
  switch (kind) {
    case 'blank':
    case 'comment':
    case 'version':
      return ' ';
    case 'introducer':
      return '';
    case 'name':
    case 'variable':
      return sql.slice(start, end);
    case 'word':
      // Names that begin with a digit are rarer than values that end with a letter.
      return /^\d/.test(sql.slice(start, start + 1)) ? '?' : sql.slice(start, end);
    case 'symbol': {
      const symbol = sql.slice(start, end);
      return /^[?(),.;=<>!*/%+|&^~:{}@[\]-]+$/.test(symbol) ? symbol : '?';
    }
    case 'unclosed':
      return sql.startsWith('/*', start) ? ' ' : '?';
    default:
      return '?';
  }
}

/** The operation and the table of a statement: `select patients`. Few, so that they can name groups. */
export function statementSummary(text: string): { readonly operation: string; readonly table?: string } {
  const tokens = codeTokens(text);
  const [first] = tokens;
  const operation = first?.kind === 'word' ? first.text.toLowerCase() : 'statement';
  const at = tokens.findIndex(
    (token, place) => isOneOf(token, ['FROM', 'INTO', 'UPDATE']) && isName(tokens[place + 1]),
  );
  const table = isSymbol(tokens[at + 2], '.') ? tokens[at + 3] : tokens[at + 1];
  return at === -1 || table === undefined ? { operation } : { operation, table: nameIn(text, table) };
}
