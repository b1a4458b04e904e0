/**
 * The values of a list as it is typed: `a, b, c`. A value with a comma stands in quotation marks, in which two stand for one:
 * `"Baker, Jane", "5"" floppy"`. Blanks around a value do not count outside of them.
 */
export function valuesIn(text: string): string[] {
  const values: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|$)/y;
  for (;;) {
    const [, quoted, plain = '', end] = part.exec(text) ?? [];
    values.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    if (end !== ',') return values;
  }
}
