import { Decimal } from '../scalars/decimal.ts';
import type { MysqlType } from '../sql/mysql-type.ts';
import { exactDecimals } from './capabilities.ts';
import type { Codec, ColumnType } from './column-type.ts';
import { plain } from './column-type.ts';

/** https://dev.mysql.com/doc/refman/8.4/en/precision-math-decimal-characteristics.html */
const most = { digits: 65, scale: 30 } as const;

function codecOf({ numbers: [precision = 10, scale = 0], isUnsigned }: MysqlType): Codec {
  const whole = precision - scale;
  // The operand has more digits than the column where there is room: it must not be rounded to one of the column's.
  const room = { whole: most.digits - most.scale, scale: most.scale };
  const compared = whole <= room.whole ? room : { whole: most.digits - scale, scale };
  return {
    ...plain,
    operand: `cast(? as decimal(${most.digits}, ${compared.scale}))`,
    stored(value: string) {
      const [whole = '', fraction = ''] = value.split('.');
      return scale === 0 ? whole : `${whole}.${fraction.slice(0, scale).padEnd(scale, '0')}`;
    },
    problem(value: string) {
      if (isUnsigned && value.startsWith('-')) return 'cannot be negative';
      return digitsProblem(value, whole, scale);
    },
    operandProblem: (value: string) => digitsProblem(value, compared.whole, compared.scale),
  };
}

function digitsProblem(value: string, most: number, scale: number): string | null {
  const [integer = '', fraction = ''] = value.replace('-', '').split('.');
  if (integer !== '0' && integer.length > most) return `takes at most ${most} digits before the point`;
  const digits = fraction.replace(/0+$/, '').length;
  return digits <= scale ? null : `takes at most ${scale} digits behind the point, has ${digits}`;
}

export const decimal: ColumnType = {
  serves: ({ name }) => name === 'decimal',
  field: Decimal,
  capabilities: exactDecimals,
  codecOf,
};
