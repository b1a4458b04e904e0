import { codeTokens, isName, nameIn } from '../../sql/tokens.ts';

/** Names are in utf8mb3: https://dev.mysql.com/doc/refman/8.4/en/identifiers.html */
const beyond = /[\u{10000}-\u{10ffff}]/gu;

/** Each name of a statement that MySQL keeps otherwise, without an error, as [name, what it keeps]. */
export function replacedNames(sql: string): [string, string][] {
  const names = codeTokens(sql)
    .filter(isName)
    .map((token) => nameIn(sql, token));
  return [...new Set(names)]
    .filter((name) => name.search(beyond) !== -1)
    .map((name) => [name, name.replace(beyond, '?')]);
}
