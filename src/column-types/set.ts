import { ordered } from './capabilities.ts';
import { type ColumnType, plain } from './column-type.ts';

/** MySQL sorts a SET by the number that its bits make, without a sign (`+ 0` has one): https://dev.mysql.com/doc/refman/8.4/en/set.html */
const extreme = (name: string) => `substring(${name}(concat(lpad(cast(?? as unsigned), 20, '0'), ??)), 21)`;

export const itemSet: ColumnType = {
  serves: ({ name }) => name === 'set',
  field: 'enums',
  capabilities: { ...ordered, operators: ['eq', 'ne', 'has', 'isNull'] },
  codecOf: ({ items }) => ({
    ...plain,
    extreme,
    positions: 'bits',
    isLong: true,
    read: (value) => (value === '' ? [] : String(value).split(',')),
    // In the order of the column, in which MySQL compares the text.
    bind: (value: readonly string[]) => items.filter((item) => value.includes(item)).join(','),
  }),
};
