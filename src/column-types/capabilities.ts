import { GraphQLFloat } from 'graphql';
import { BigIntScalar } from '../scalars/big-int.ts';
import { Decimal } from '../scalars/decimal.ts';
import type { Capabilities, Operator } from './column-type.ts';

export const equality = ['eq', 'ne', 'in', 'notIn', 'isNull'] as const satisfies readonly Operator[];
export const comparisons = [...equality, 'lt', 'lte', 'gt', 'gte'] as const satisfies readonly Operator[];

/** Types with an order and without a sum. */
export const ordered: Capabilities = {
  operators: comparisons,
  orders: true,
  groups: true,
  extremes: true,
  sum: null,
  average: null,
};

/** Integers that JSON's numbers hold: their average is as near as such a number can be. */
export const integers: Capabilities = { ...ordered, sum: BigIntScalar, average: GraphQLFloat };
export const largeIntegers: Capabilities = { ...ordered, sum: BigIntScalar, average: Decimal };
export const exactDecimals: Capabilities = { ...ordered, sum: Decimal, average: Decimal };
export const binaryFractions: Capabilities = { ...ordered, sum: GraphQLFloat, average: GraphQLFloat };
