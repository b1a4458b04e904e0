import { GraphQLString } from 'graphql';
import type { MysqlType } from '../sql/mysql-type.ts';
import { comparisons, ordered } from './capabilities.ts';
import { type Codec, type ColumnType, plain } from './column-type.ts';

/** Bytes that each holds: https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html#data-types-storage-reqs-strings */
const bytes: Readonly<Record<string, number>> = {
  tinytext: 2 ** 8 - 1,
  text: 2 ** 16 - 1,
  mediumtext: 2 ** 24 - 1,
  longtext: 2 ** 32 - 1,
};

/**
 * Characters whose weights fill the 1024 bytes of `max_sort_length`, at three bytes each; the session sets it
 * (session-settings.ts). https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_sort_length
 */
const mostSorted = 341;

function codecOf({ name, numbers: [length] }: MysqlType): Codec {
  const exact = 'cast(convert(?? using utf8mb4) as binary) = cast(? as binary)';
  const mostBytes = bytes[name];
  if (mostBytes !== undefined) {
    const problem = (value: string) => {
      // A character has three bytes for each unit of JavaScript's at most.
      if (value.length * 3 <= mostBytes) return null;
      const has = Buffer.byteLength(value);
      return has <= mostBytes ? null : `takes at most ${mostBytes} bytes, has ${has}`;
    };
    return { ...plain, exact, problem, isLong: true, exceedsSortLength: mostBytes > mostSorted };
  }
  const most = length ?? (name === 'char' ? 1 : Number.POSITIVE_INFINITY);
  return {
    ...plain,
    exact,
    isLong: true,
    exceedsSortLength: most > mostSorted,
    // MySQL takes the blanks at the end off: https://dev.mysql.com/doc/refman/8.4/en/char.html
    ...(name === 'char' && { stored: (value: string) => value.replace(/ +$/, '') }),
    problem(value: string) {
      if (value.length <= most) return null;
      const characters = charactersIn(value);
      return characters <= most ? null : `takes at most ${most} characters, has ${characters}`;
    },
    operandProblem: (value: string) =>
      isLonger(value, most) ? `is longer than the ${most} characters of its column` : null,
  };
}

/** Characters as MySQL counts them, code points: an emoji is one, and two units of a JavaScript string. */
function charactersIn(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** MySQL counts code points, of which a text has half its length at least. */
function isLonger(text: string, most: number): boolean {
  if (text.length <= most) return false;
  return text.length > 2 * most || charactersIn(text) > most;
}

export const text: ColumnType = {
  serves: ({ name }) => name === 'char' || name === 'varchar' || name in bytes,
  field: GraphQLString,
  capabilities: { ...ordered, operators: [...comparisons, 'contains', 'startsWith', 'endsWith', 'eqExact'] },
  codecOf,
};
