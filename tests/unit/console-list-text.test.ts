import { expect, it } from 'vitest';
import { valuesIn } from '../../src/console/data/list-text.ts';

it.each([
  ['a, b,c', ['a', 'b', 'c']],
  ['one', ['one']],
  ['"Baker, Jane", Ada', ['Baker, Jane', 'Ada']],
  ['"5"" floppy" , " blank "', ['5" floppy', ' blank ']],
  ['5", 6"', ['5"', '6"']],
  ['"open, b', ['"open', 'b']],
  ['a,,b,', ['a', '', 'b', '']],
  ['""', ['']],
])('%s is a list of the values that are meant', (text, values) => {
  expect(valuesIn(text)).toEqual(values);
});
