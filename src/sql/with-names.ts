import type { LexerModes } from './lexer.ts';
import { quoteName } from './quote.ts';
import { codeTokens, isName, nameIn } from './tokens.ts';

/** SQL with each name and word as `spell` spells it; what this leaves stays as it is written. */
export function withNames(sql: string, spell: (name: string) => string, modes: LexerModes = {}): string {
  let text = '';
  let from = 0;
  for (const token of codeTokens(sql, modes)) {
    const name = nameIn(sql, token);
    if (!isName(token) || spell(name) === name) continue;
    const quoted = token.end - token.start > name.length;
    text += sql.slice(from, token.start) + (quoted ? quoteName(spell(name)) : spell(name));
    from = token.end;
  }
  return text + sql.slice(from);
}
