import { defineScalar } from './define.ts';

/** A day in the calendar as `YYYY-MM-DD`, never shifted by a time zone: comes in, and goes out, only if there is such a day. */
export const LocalDate = defineScalar<string>({
  name: 'LocalDate',
  description: 'A day in the calendar, such as 2020-02-29, without a time zone.',
  specifiedBy: 'https://datatracker.ietf.org/doc/html/rfc3339#section-5.6',
  takes: 'a day of the calendar as a string, such as 2020-02-29',
  parse: (value) => (isLocalDate(value) ? value : undefined),
  is: isLocalDate,
});

/**
 * Whether it is a day as LocalDate has it. MySQL's DATE holds more: days and months that are zero, and with ALLOW_INVALID_DATES
 * the 31st of any month. https://dev.mysql.com/doc/refman/8.4/en/datetime.html
 *
 * It is asked of each date of each row and of each input, so it makes nothing.
 */
export function isLocalDate(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== 10) return false;
  const year = digits(value, 0) * 100 + digits(value, 2);
  const month = digits(value, 5);
  const day = digits(value, 8);
  if (!(year >= 0 && value.charCodeAt(4) === dash && value.charCodeAt(7) === dash)) return false;
  return month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= lastDay(year, month));
}

const zero = 48;
const dash = 45;

/** Two digits as a number; NaN where they are none. */
function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - zero;
  const ones = text.charCodeAt(at + 1) - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Of the Gregorian calendar, also before there was one: https://www.rfc-editor.org/rfc/rfc3339#appendix-C */
function lastDay(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
