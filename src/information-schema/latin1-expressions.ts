import { lex } from '../sql/lexer.ts';

/**
 * The catalogue's expression, read rightly: the catalogue takes the bytes of the whole expression for latin1. So a
 * literal in latin1 is right as it stands, and SHOW CREATE TABLE has a question mark for each sign of it; all else is
 * UTF-8. A literal in latin1 that is not ASCII loses its introducer, which would make something else of the UTF-8 that
 * a statement is written in: the server turns it into the column's character set by itself.
 */
export function misreadAsLatin1(expression: string): string {
  const tokens = [...lex(expression)];
  const written = (at: number) => expression.slice(tokens[at]?.start, tokens[at]?.end);
  const introduces = (at: number) => written(at) === latin1 && tokens[at + 1]?.kind === 'string';
  return tokens
    .map((_, at) => {
      if (at > 0 && introduces(at - 1)) return written(at);
      if (introduces(at)) return isAscii(written(at + 1)) ? latin1 : '';
      return utf8In(written(at));
    })
    .join('');
}

const latin1 = '_latin1';

/** Whether SHOW CREATE TABLE loses signs of it, too. */
export function isLatin1(shown: string): boolean {
  const tokens = [...lex(shown)];
  return tokens.some(
    ({ start, end }, at) => shown.slice(start, end) === latin1 && tokens[at + 1]?.kind === 'string',
  );
}

export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has some.
  return !/[^\x00-\x7f]/.test(text);
}

/** MySQL's latin1 is cp1252. https://dev.mysql.com/doc/refman/8.4/en/charset-we-sets.html */
const cp1252 = new Map(
  Array.from({ length: 32 }, (_, at) => {
    const byte = 0x80 + at;
    return [new TextDecoder('windows-1252').decode(Uint8Array.of(byte)), byte] as const;
  }),
);

function utf8In(text: string): string {
  if (isAscii(text)) return text;
  return Buffer.from([...text].map((sign) => cp1252.get(sign) ?? sign.charCodeAt(0))).toString('utf8');
}
