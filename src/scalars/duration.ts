import { defineScalar } from './define.ts';

const form =
  /^(-?)P(?:(\d{1,3})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.(\d{1,6}))?S)?)?$/;

/**
 * An amount of time, also negative, in hours, minutes and seconds. Months and years are no fixed amounts, and no column of MySQL
 * holds as much.
 */
export const Duration = defineScalar<string>({
  name: 'Duration',
  description:
    'An amount of time to the microsecond: "PT26H30M5.25S", "-PT1H". It is taken with days, too, and goes out in hours, minutes and seconds.',
  specifiedBy: 'https://www.iso.org/iso-8601-date-and-time-format.html',
  takes: 'an amount of time in days, hours, minutes and seconds as a string, such as PT26H30M5.25S',
  parse(value) {
    const match = typeof value === 'string' && value.length <= 40 ? form.exec(value) : null;
    if (match === null || /[PT]$/.test(value as string)) return undefined;
    const [, sign = '', days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match;
    const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
    return durationText(sign === '-', whole, fraction);
  },
  is: (value) => typeof value === 'string' && value.length > 2 && form.test(value),
});

/** The one form of an amount: `PT0S` is none. */
export function durationText(isNegative: boolean, seconds: number, fraction: string): string {
  const digits = fraction.replace(/0+$/, '');
  const rest = `${seconds % 60}${digits === '' ? '' : `.${digits}`}`;
  const parts = [
    [Math.floor(seconds / 3600), 'H'],
    [Math.floor(seconds / 60) % 60, 'M'],
  ] as const;
  const text = parts.map(([amount, unit]) => (amount === 0 ? '' : `${amount}${unit}`)).join('');
  const all = `${text}${rest === '0' && text !== '' ? '' : `${rest}S`}`;
  return `${isNegative && all !== '0S' ? '-' : ''}PT${all}`;
}

/** Its sign, its seconds and the digits behind them. */
export function secondsOf(duration: string): { isNegative: boolean; seconds: number; fraction: string } {
  const [, sign = '', days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] =
    form.exec(duration) ?? [];
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return { isNegative: sign === '-', seconds: whole, fraction };
}
