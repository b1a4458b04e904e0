import { hexText } from '../../sql/literal.ts';

/**
 * A JSON value as SQL, from the text that MySQL writes of it: the same text is written again. MySQL reads numbers with a point as DOUBLE,
 * so those that were DECIMAL are set one by one: 169.090000 would become 169.09.
 * https://dev.mysql.com/doc/refman/8.4/en/json.html#json-converting-between-types
 */
export function jsonLiteral(text: string): string {
  const document = `cast(${hexText(text)} as json)`;
  const decimals = decimalsIn(text);
  if (decimals.length === 0) return document;
  const set = decimals.flatMap(([path, digits]) => [hexText(path), `cast(${digits} as ${typeOf(digits)})`]);
  return `json_set(${[document, ...set].join(', ')})`;
}

/** A number that ends with more than one zero behind the point, or has more digits than each DOUBLE: most documents have no such number. */
const maybeDecimal = /\.\d+0(?!\d)|[\d.]{17}/;

/** Paths of the numbers that were DECIMAL, and their digits. */
function decimalsIn(text: string): (readonly [path: string, digits: string])[] {
  if (!maybeDecimal.test(text)) return [];
  const found: (readonly [string, string])[] = [];
  const walk = (value: unknown, path: string): void => {
    if (value instanceof Decimal) found.push([path, value.digits]);
    else if (Array.isArray(value)) for (const [at, item] of value.entries()) walk(item, `${path}[${at}]`);
    else if (typeof value === 'object' && value !== null)
      for (const [name, item] of Object.entries(value)) walk(item, `${path}.${JSON.stringify(name)}`);
  };
  walk(JSON.parse(text, decimalOr as (key: string, value: unknown) => unknown), '$');
  return found;
}

class Decimal {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}

/** Gets what stands in the text, too: https://github.com/tc39/proposal-json-parse-with-source */
const decimalOr = (_: string, value: unknown, { source = '' }: { readonly source?: string }): unknown =>
  typeof value === 'number' && !isReadAgain(source) ? new Decimal(source) : value;

/** Whether MySQL writes the same of the number that it reads: of a whole number of 64 bits, and of a DOUBLE. */
function isReadAgain(digits: string): boolean {
  if (/e/i.test(digits)) return true;
  const [whole = '', fraction] = digits.split('.');
  if (fraction === undefined) return BigInt.asUintN(64, BigInt(whole)) === BigInt(whole) || isSigned(whole);
  if (fraction !== '0' && fraction.endsWith('0')) return false;
  const significant = (text: string) => text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
  const [mantissa = ''] = Number(digits).toExponential().split('e');
  return significant(digits) === significant(mantissa);
}

const isSigned = (whole: string) => BigInt.asIntN(64, BigInt(whole)) === BigInt(whole);

/** A DECIMAL that holds just these digits. */
function typeOf(digits: string): string {
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.');
  return `decimal(${Math.max(1, whole.replace(/^0+/, '').length) + fraction.length}, ${fraction.length})`;
}
