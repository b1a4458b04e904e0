import { DateTime } from '../scalars/date-time.ts';
import { Duration, durationText, secondsOf } from '../scalars/duration.ts';
import { LocalDateTime } from '../scalars/local-date-time.ts';
import { LocalTime } from '../scalars/local-time.ts';
import { ordered } from './capabilities.ts';
import type { ColumnType } from './column-type.ts';

/** As text, which has all digits of a second under every protocol. */
const select = 'cast(?? as char)';

/** MySQL would round to what the column holds. */
function digitsProblem(fraction: string | undefined, most: number): string | null {
  const digits = fraction?.replace(/0+$/, '').length ?? 0;
  return digits <= most ? null : `takes at most ${most} digits of a second, has ${digits}`;
}

/** With as many digits of a second as the column has. */
function withDigits(digits: number): (value: string) => string {
  return (value) => {
    const [, time = '', fraction = '', zone = ''] = /^([^.Z]*)(?:\.(\d+))?(Z?)$/.exec(value) ?? [];
    const shown = fraction.slice(0, digits).padEnd(digits, '0');
    return `${time}${digits === 0 ? '' : `.${shown}`}${zone}`;
  };
}

const fractionOf = (text: string) => /\.(\d+)/.exec(text)?.[1];

export const time: ColumnType = {
  serves: ({ name }) => name === 'time',
  field: LocalTime,
  capabilities: ordered,
  codecOf: ({ numbers: [digits = 0] }) => ({
    select,
    operand: 'cast(cast(? as char) as time(6))',
    stored: withDigits(digits),
    problem: (value: string) => digitsProblem(fractionOf(value), digits),
  }),
};

/** 838:59:59: https://dev.mysql.com/doc/refman/8.4/en/time.html */
const mostSeconds = 839 * 3600 - 1;

function durationProblem(value: string): string | null {
  const { seconds, fraction } = secondsOf(value);
  const isWithin = seconds < mostSeconds || (seconds === mostSeconds && /^0*$/.test(fraction));
  return isWithin ? null : 'must be from -PT838H59M59S to PT838H59M59S';
}

/** TIME also holds more than a day, and less than nothing. */
export const duration: ColumnType = {
  serves: ({ name }) => name === 'time',
  field: Duration,
  capabilities: ordered,
  codecOf: ({ numbers: [digits = 0] }) => ({
    select,
    operand: 'cast(cast(? as char) as time(6))',
    read(value) {
      const [, sign = '', hours = '', minutes = '', seconds = '', fraction = ''] =
        /^(-?)(\d+):(\d+):(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
      const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
      return durationText(sign === '-', whole, fraction);
    },
    bind(value: string) {
      const { isNegative, seconds, fraction } = secondsOf(value);
      const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
      const text = parts.map((part) => String(part).padStart(2, '0')).join(':');
      return `${isNegative ? '-' : ''}${text}${fraction === '' ? '' : `.${fraction}`}`;
    },
    problem: (value: string) => durationProblem(value) ?? digitsProblem(fractionOf(value), digits),
    operandProblem: durationProblem,
  }),
};

/** `2020-02-29 08:30:00`, as MySQL writes it. */
const toMysql = (value: string) => value.replace('T', ' ').replace('Z', '');

export const localDateTime: ColumnType = {
  serves: ({ name }) => name === 'datetime',
  field: LocalDateTime,
  capabilities: ordered,
  codecOf: ({ numbers: [digits = 0] }) => ({
    select,
    operand: 'cast(? as datetime(6))',
    read: (value) => String(value).replace(' ', 'T'),
    bind: toMysql,
    stored: withDigits(digits),
    problem: (value: string) => digitsProblem(fractionOf(value), digits),
  }),
};

/** https://dev.mysql.com/doc/refman/8.4/en/datetime.html */
const instants = { first: '1970-01-01T00:00:01Z', last: '2038-01-19T03:14:07.499999Z' } as const;

/** TIMESTAMP: each session of Tandem has UTC for its time zone. */
export const utcTimestamp: ColumnType = {
  serves: ({ name }) => name === 'timestamp',
  field: DateTime,
  capabilities: ordered,
  codecOf: ({ numbers: [digits = 0] }) => ({
    select,
    operand: 'cast(? as datetime(6))',
    read: (value) => `${String(value).replace(' ', 'T')}Z`,
    bind: toMysql,
    stored: withDigits(digits),
    problem(value: string) {
      const [comparable, first, last] = [value, instants.first, instants.last].map((text) =>
        text.replace('Z', ''),
      );
      if ((comparable as string) < (first as string) || (comparable as string) > (last as string)) {
        return `must be from ${instants.first} to ${instants.last}`;
      }
      return digitsProblem(fractionOf(value), digits);
    },
  }),
};
