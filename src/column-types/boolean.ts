import { GraphQLBoolean } from 'graphql';
import { equality } from './capabilities.ts';
import { type Capabilities, type ColumnType, plain } from './column-type.ts';

const capabilities: Capabilities = {
  operators: equality,
  orders: true,
  groups: true,
  extremes: true,
  sum: null,
  average: null,
};

/** A number other than 0 and 1 stays as it is: it is no Boolean, as an enum's unknown item is no item. */
function toBoolean(value: unknown): unknown {
  return value === 1 ? true : value === 0 ? false : value;
}

const bind = (value: boolean) => (value ? 1 : 0);

export const boolean: ColumnType = {
  serves: ({ name, numbers }) => name === 'tinyint' && numbers[0] === 1,
  field: GraphQLBoolean,
  capabilities,
  codecOf: () => ({ ...plain, read: toBoolean, bind }),
};

export const bit: ColumnType = {
  serves: ({ name, numbers: [bits = 1] }) => name === 'bit' && bits === 1,
  field: GraphQLBoolean,
  capabilities,
  // As a number: the driver gives a byte.
  codecOf: () => ({ select: '(?? + 0)', operand: '?', read: toBoolean, bind }),
};
