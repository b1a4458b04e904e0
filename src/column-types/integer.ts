import { GraphQLInt } from 'graphql';
import { BigIntScalar } from '../scalars/big-int.ts';
import { SafeInt } from '../scalars/safe-int.ts';
import type { MysqlType } from '../sql/mysql-type.ts';
import { integers, largeIntegers } from './capabilities.ts';
import { type Codec, type ColumnType, plain } from './column-type.ts';

/** Bits of each type: https://dev.mysql.com/doc/refman/8.4/en/integer-types.html */
const bits: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
};

function boundsOf({ name, isUnsigned }: MysqlType): { least: bigint; most: bigint } {
  // Zero is a year of its own: https://dev.mysql.com/doc/refman/8.4/en/year.html
  if (name === 'year') return { least: 1901n, most: 2155n };
  const size = bits[name] as bigint;
  return isUnsigned
    ? { least: 0n, most: 2n ** size - 1n }
    : { least: -(2n ** (size - 1n)), most: 2n ** (size - 1n) - 1n };
}

function isWithin(type: MysqlType): (value: number) => string | null {
  const { least, most } = boundsOf(type);
  const [from, to] = [Number(least), Number(most)];
  return (value) => {
    if ((value >= from && value <= to) || (type.name === 'year' && value === 0)) return null;
    return `must be from ${least} to ${most}`;
  };
}

function codecOfNumber(type: MysqlType): Codec {
  return { ...plain, problem: isWithin(type) };
}

/**
 * MySQL takes a number from 1 to 99 beside a YEAR for 1970 to 2069, and finds no row of the year 0 by a list of parameters:
 * https://dev.mysql.com/doc/refman/8.4/en/year.html
 */
function codecOfYear(type: MysqlType): Codec {
  const problem = isWithin(type);
  return { ...plain, operand: 'cast(? as unsigned)', problem, operandProblem: problem };
}

/** As text: the driver would give a large one as text, and a small one as a number. */
function codecOfText(type: MysqlType): Codec {
  const { least, most } = boundsOf(type);
  const problem = (value: string) => {
    const number = BigInt(value);
    return number >= least && number <= most ? null : `must be from ${least} to ${most}`;
  };
  // As plain text it would be compared as a number with 53 bits. Without the inner cast, MySQL takes the parameter for a DECIMAL
  // that is too large, in an UPDATE.
  const operand = `cast(cast(? as char) as ${type.isUnsigned ? 'unsigned' : 'signed'})`;
  return { select: 'cast(?? as char)', operand, problem, operandProblem: problem };
}

export const integer: ColumnType = {
  serves: (type) => (type.name in bits && boundsOf(type).most < 2n ** 31n) || type.name === 'year',
  field: GraphQLInt,
  capabilities: integers,
  codecOf: (type) => (type.name === 'year' ? codecOfYear(type) : codecOfNumber(type)),
};

export const safeInteger: ColumnType = {
  serves: ({ name }) => name in bits && name !== 'bigint',
  field: SafeInt,
  capabilities: integers,
  codecOf: codecOfNumber,
};

export const bigInteger: ColumnType = {
  serves: ({ name }) => name in bits,
  field: BigIntScalar,
  capabilities: largeIntegers,
  codecOf: codecOfText,
};
