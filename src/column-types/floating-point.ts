import { GraphQLFloat } from 'graphql';
import { binaryFractions } from './capabilities.ts';
import { type ColumnType, plain } from './column-type.ts';

/** The largest of four bytes: https://dev.mysql.com/doc/refman/8.4/en/floating-point-types.html */
const mostFloat = (2 - 2 ** -23) * 2 ** 127;

const isFloat = (value: number) =>
  Math.abs(value) <= mostFloat ? null : `must be from -${mostFloat} to ${mostFloat}`;

const isPositive = (value: number) => (value < 0 ? 'cannot be negative' : null);

export const double: ColumnType = {
  serves: ({ name }) => name === 'double',
  field: GraphQLFloat,
  capabilities: binaryFractions,
  codecOf: ({ isUnsigned }) => (isUnsigned ? { ...plain, problem: isPositive } : plain),
};

/** Four bytes: 0.1 is none of its values, and a column that was given it holds 0.10000000149011612. */
export const float: ColumnType = {
  serves: ({ name }) => name === 'float',
  field: GraphQLFloat,
  capabilities: binaryFractions,
  codecOf: ({ isUnsigned }) => ({
    // As a double, since MySQL writes a float with six digits.
    select: 'cast(?? as double)',
    // The column's value that is nearest, as when it was written: otherwise nothing equals 0.1.
    operand: 'cast(? as float)',
    problem: (value: number) => (isUnsigned ? isPositive(value) : null) ?? isFloat(value),
    operandProblem: isFloat,
  }),
};
