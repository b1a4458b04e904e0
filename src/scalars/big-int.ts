import { defineScalar } from './define.ts';

/** Longer ones no column holds, and JavaScript takes its time with them. */
const mostDigits = 100;

/**
 * An integer of any size, always as text: a type that changes with the value breaks typed clients. It comes in as text, as a
 * literal, or as a number that JSON holds exactly.
 */
export const BigIntScalar = defineScalar<string>({
  name: 'BigInt',
  description:
    'An integer that JSON’s numbers may not hold, as text: "9007199254740993". It is taken as text, as an integer, and as a literal.',
  takes: 'an integer as a string, such as 9007199254740993, or as a number that JSON holds exactly',
  parse(value) {
    if (typeof value === 'number')
      return Number.isSafeInteger(value) ? integerText(String(value)) : undefined;
    return typeof value === 'string' ? integerText(value) : undefined;
  },
  literal: integerText,
  is: (value) => typeof value === 'string',
});

/** One form for each value: no zeros before it, no sign of zero. */
function integerText(text: string): string | undefined {
  if (text.length > mostDigits || !/^-?\d+$/.test(text)) return undefined;
  return BigInt(text).toString();
}
