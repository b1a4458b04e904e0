/** Characters of a statement at most: an insert of a thousand rows says nothing more after its first ones. */
const longest = 2000;

/**
 * A statement without its values, for logs and traces. Reads have placeholders to begin with, but the ORM writes
 * values into the text of what it sends by itself, and those are people's.
 *
 * Strings, numbers and the like become `?`; comments go. Whatever is not understood is taken for a value: an
 * unclosed quote makes one of all that follows. Strings are in single or double quotes, in which a backslash
 * escapes, as MySQL has it by default: https://dev.mysql.com/doc/refman/8.4/en/string-literals.html
 */
export function statementText(sql: string): string {
  let text = '';
  let at = 0;
  while (at < sql.length && text.length <= longest) {
    part.lastIndex = at;
    const { 0: found, groups = {} } = part.exec(sql) as RegExpExecArray;
    at += found.length;
    if (groups.word !== undefined) {
      text += found;
    } else if (groups.space !== undefined) {
      text += ' ';
    } else if (groups.comment !== undefined) {
      text += ' ';
      at = after(sql, found === '/*' ? '*/' : '\n', at);
    } else if (groups.name !== undefined) {
      const end = after(sql, '`', at);
      text += sql[end - 1] === '`' && end > at ? sql.slice(at - 1, end) : '?';
      at = end;
    } else {
      text += '?';
      if (groups.quote !== undefined) at = afterString(sql, groups.quote, at);
    }
  }
  text = text.replace(/ {2,}/g, ' ').trim();
  return at < sql.length || text.length > longest ? `${text.slice(0, longest)}…` : text;
}

// No part is long: what may be, such as a text of a megabyte, is searched for its end and not matched.
const part = new RegExp(
  [
    String.raw`(?<space>\s{1,99})`,
    String.raw`(?<comment>/\*|--(?=\s|$)|#)`,
    '(?<name>`)',
    // Before words: x'ff', b'1', n'text' and _utf8mb4 'text'.
    String.raw`(?:[xbn]|_[a-z\d]{1,32}\s{0,9})?(?<quote>['"])`,
    String.raw`(?<number>0x[\da-f]{1,999}|(?:\d{1,99}\.?\d{0,99}|\.\d{1,99})(?:e[+-]?\d{1,9})?)(?![\w$])`,
    String.raw`(?<word>[a-z_$@\u0080-\uffff][\w$\u0080-\uffff]{0,255}|[?(),.;=<>!*/%+|&^~:{}@\[\]-])`,
    '[sS]',
  ].join('|'),
  'iy',
);

/** Where the text goes on after the next `end`; its own end where there is none. */
function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found === -1 ? text.length : found + end.length;
}

/** Where the string ends that began before `from`: at a quote that is neither escaped nor doubled. */
function afterString(sql: string, quote: string, from: number): number {
  for (let at = from; at < sql.length; at++) {
    if (sql[at] === '\\') at += 1;
    else if (sql[at] === quote && sql[at + 1] === quote) at += 1;
    else if (sql[at] === quote) return at + 1;
  }
  return sql.length;
}

/** What a statement does, and to which table: `select patients`. Few, so that they can name groups. */
export function statementSummary(text: string): { readonly operation: string; readonly table?: string } {
  const operation = /^[a-z]+/i.exec(text)?.[0].toLowerCase() ?? 'statement';
  const table = /\b(?:from|into|update)\s+`?([\w$]+)`?(?:\s*\.\s*`?([\w$]+)`?)?/i.exec(text);
  const name = table?.[2] ?? table?.[1];
  return name === undefined ? { operation } : { operation, table: name };
}
