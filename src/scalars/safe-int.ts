import { defineScalar } from './define.ts';

/** INT UNSIGNED holds more than GraphQL's Int, and less than JSON's numbers hold exactly. */
export const SafeInt = defineScalar<number>({
  name: 'SafeInt',
  description:
    'An integer from -9007199254740991 to 9007199254740991, as a number: JSON holds all of them exactly.',
  specifiedBy: 'https://tc39.es/ecma262/#sec-number.issafeinteger',
  takes: 'an integer from -9007199254740991 to 9007199254740991',
  parse: (value) => (Number.isSafeInteger(value) ? (value as number) + 0 : undefined),
  literal: (digits) =>
    /^-?\d+$/.test(digits) && Number.isSafeInteger(Number(digits)) ? Number(digits) + 0 : undefined,
  is: (value) => Number.isSafeInteger(value),
});
