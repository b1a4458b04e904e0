import { equality, ordered } from './capabilities.ts';
import { type ColumnType, plain } from './column-type.ts';

/**
 * MySQL sorts an ENUM by the position of its items, and its MIN and MAX compare texts: the position stands before the item, and is
 * taken off again. https://dev.mysql.com/doc/refman/8.4/en/enum.html#enum-sorting
 */
const extreme = (name: string) => `substring(${name}(concat(lpad(?? + 0, 5, '0'), ??)), 6)`;

export const enumeration: ColumnType = {
  serves: ({ name }) => name === 'enum',
  field: 'enum',
  capabilities: { ...ordered, operators: equality },
  codecOf: () => ({ ...plain, extreme, positions: 'item', isLong: true }),
};
