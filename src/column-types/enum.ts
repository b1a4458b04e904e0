import { equality, ordered } from './capabilities.ts';
import { type ColumnType, plain } from './column-type.ts';

export const enumeration: ColumnType = {
  serves: ({ name }) => name === 'enum',
  field: 'enum',
  capabilities: { ...ordered, operators: equality },
  codecOf: () => ({ ...plain, isLong: true }),
};
