import { defineScalar } from './define.ts';

/** Digits that MySQL's DECIMAL has at most, and some zeros: https://dev.mysql.com/doc/refman/8.4/en/fixed-point-types.html */
const mostCharacters = 100;
const mostExponent = 100;

/**
 * An exact decimal number as text. A fraction in a variable is refused where it comes as JSON's number: by then it has become the
 * nearest binary one. A literal of the document is text to the server, too.
 */
export const Decimal = defineScalar<string>({
  name: 'Decimal',
  description:
    'An exact decimal number as text: "12.50". It is taken as text, as a literal of the document, and as an integer; not as a fraction in a variable, which JSON does not hold exactly.',
  takes: 'a decimal number as a string, such as 12.50, or an integer; a variable has a fraction as a string',
  parse(value) {
    if (typeof value === 'number')
      return Number.isSafeInteger(value) ? decimalText(String(value)) : undefined;
    return typeof value === 'string' ? decimalText(value) : undefined;
  },
  literal: decimalText,
  is: (value) => typeof value === 'string',
});

/** The number without exponent, without zeros before it, and with the digits behind the point that it was given. */
function decimalText(text: string): string | undefined {
  if (text.length > mostCharacters) return undefined;
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > mostExponent) return undefined;
  const [integer, rest] = shifted(whole, fraction, shift);
  const digits = `${integer.replace(/^0+(?=\d)/, '')}${rest === '' ? '' : `.${rest}`}`;
  return sign === '-' && /[1-9]/.test(digits) ? `-${digits}` : digits;
}

function shifted(whole: string, fraction: string, by: number): [whole: string, fraction: string] {
  if (by >= 0) {
    const filled = fraction.padEnd(by, '0');
    return [whole + filled.slice(0, by), filled.slice(by)];
  }
  const filled = whole.padStart(1 - by, '0');
  return [filled.slice(0, by), filled.slice(by) + fraction];
}
