import { Base64 } from '../scalars/base64.ts';
import { UUID } from '../scalars/uuid.ts';
import type { MysqlType } from '../sql/mysql-type.ts';
import { comparisons, ordered } from './capabilities.ts';
import { type Codec, type ColumnType, plain } from './column-type.ts';

/** Bytes that each holds: https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html#data-types-storage-reqs-strings */
const blobs: Readonly<Record<string, number>> = {
  tinyblob: 2 ** 8 - 1,
  blob: 2 ** 16 - 1,
  mediumblob: 2 ** 24 - 1,
  longblob: 2 ** 32 - 1,
};

const toBase64 = (value: unknown) => (value as Buffer).toString('base64');
const fromBase64 = (value: string) => Buffer.from(value, 'base64');

function codecOf({ name, numbers: [length = 1] }: MysqlType): Codec {
  const most = blobs[name] ?? length;
  return {
    ...plain,
    read: toBase64,
    bind: fromBase64,
    isLong: true,
    problem(value: string) {
      const bytes = Buffer.byteLength(value, 'base64');
      // MySQL fills a shorter one up with zeros, and would answer another value.
      if (name === 'binary') return bytes === most ? null : `takes exactly ${most} bytes, has ${bytes}`;
      return bytes <= most ? null : `takes at most ${most} bytes, has ${bytes}`;
    },
  };
}

export const binary: ColumnType = {
  serves: ({ name }) => name === 'binary' || name === 'varbinary',
  field: Base64,
  capabilities: ordered,
  codecOf,
};

/** A value may be too long for a cursor, and for the server to sort. */
export const blob: ColumnType = {
  serves: ({ name }) => name in blobs,
  field: Base64,
  capabilities: { ...ordered, orders: false, groups: false, extremes: false },
  codecOf,
};

/** BIT(n), whose bytes begin with the highest bits. In SQL it is a number: as text of bytes it would be none. */
export const bits: ColumnType = {
  serves: ({ name }) => name === 'bit',
  field: Base64,
  capabilities: ordered,
  codecOf({ numbers: [size = 1] }) {
    const bytes = Math.ceil(size / 8);
    const problem = (value: string) => {
      const buffer = fromBase64(value);
      if (buffer.length !== bytes) return `takes exactly ${bytes} bytes, has ${buffer.length}`;
      return numberIn(buffer) < 2n ** BigInt(size) ? null : `takes at most ${size} bits`;
    };
    const number = 'cast(cast(? as char) as unsigned)';
    return {
      select: 'cast(?? + 0 as char)',
      operand: number,
      write: number,
      read: (value) =>
        toBase64(
          Buffer.from(
            BigInt(value as string)
              .toString(16)
              .padStart(bytes * 2, '0'),
            'hex',
          ),
        ),
      bind: (value: string) => numberIn(fromBase64(value)).toString(),
      problem,
      operandProblem: problem,
    };
  },
};

function numberIn(buffer: Buffer): bigint {
  return BigInt(`0x0${buffer.toString('hex')}`);
}

const uuidCapabilities = { ...ordered, operators: comparisons };

export const binaryUuid: ColumnType = {
  serves: ({ name, numbers: [length] }) => name === 'binary' && length === 16,
  field: UUID,
  capabilities: uuidCapabilities,
  codecOf: () => ({
    ...plain,
    read(value) {
      const hex = (value as Buffer).toString('hex');
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
    bind: (value: string) => Buffer.from(value.replaceAll('-', ''), 'hex'),
  }),
};

export const textUuid: ColumnType = {
  serves: ({ name, numbers: [length = 1] }) => name === 'char' && length === 36,
  field: UUID,
  capabilities: uuidCapabilities,
  codecOf: () => ({ ...plain, read: (value) => String(value).toLowerCase() }),
};
