import { lex } from './lexer.ts';
import { codeTokens } from './tokens.ts';

/** Words and names up to the table, and none of the values that follow: alter table `patients`. */
export function beginningOf(sql: string): string {
  const tokens = codeTokens(sql);
  const written = (at: number) => sql.slice(tokens[at]?.start, tokens[at]?.end);
  const isPlain = (at: number) => tokens[at]?.kind === 'word' && /^[a-z]+$/i.test(written(at));
  const behind = tokens.findIndex((_, at) => !isPlain(at));
  const words = Array.from(tokens.slice(0, behind === -1 ? undefined : behind), (_, at) => written(at));
  if (behind > 0 && written(behind).startsWith('`')) return [...words, written(behind)].join(' ');
  const [verb, what] = words;
  if (verb === undefined) return '';
  return /^(table|view|index|trigger|into|from)$/i.test(what ?? '') ? `${verb} ${what}` : verb;
}

/** The first word, in small letters; of a statement in parentheses the first one in them. */
export function firstWord(sql: string): string {
  const plain = /^[a-z]+(?= )/i.exec(sql);
  if (plain !== null) return plain[0].toLowerCase();
  for (const { kind, start, end } of lex(sql)) {
    if (kind === 'word') return sql.slice(start, end).toLowerCase();
    if (kind !== 'blank' && kind !== 'comment' && kind !== 'version' && sql[start] !== '(') return '';
  }
  return '';
}
