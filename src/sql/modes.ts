import type { LexerModes } from './lexer.ts';

/** How MySQL reads SQL under a sql_mode, such as `ANSI_QUOTES,STRICT_TRANS_TABLES`. */
export function modesOf(sqlMode: string): LexerModes {
  const modes = sqlMode.toUpperCase().split(',');
  return {
    // ANSI stands for several: https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html#sql-mode-combo
    ansiQuotes: modes.includes('ANSI_QUOTES') || modes.includes('ANSI'),
    noBackslashEscapes: modes.includes('NO_BACKSLASH_ESCAPES'),
  };
}
