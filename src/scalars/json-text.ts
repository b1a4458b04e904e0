/** JSON's numbers that JavaScript's may not hold: `JSON.rawJSON` keeps the digits as they are. */
interface RawJson {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
}
const json = JSON as unknown as RawJson;

/** A text without any has only numbers that come out as they came in. */
const longNumber = /[\d.]{16}|\d[eE]/;

/** The value of a text that MySQL wrote, whose numbers keep all their digits when it is written again. */
export function parseJson(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text);
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? json.rawJSON(source)
      : value,
  );
}

/** A number of a document, in all its digits. */
export function rawNumber(digits: string): unknown {
  return json.rawJSON(digits);
}

export function isRawNumber(value: unknown): boolean {
  return json.isRawJSON(value);
}
