import { defineScalar } from './define.ts';

const form = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/;

export function isLocalTime(value: unknown): value is string {
  return typeof value === 'string' && form.test(value);
}

/** A time of the day, never shifted by a time zone. */
export const LocalTime = defineScalar<string>({
  name: 'LocalTime',
  description: 'A time of the day without a time zone, to the microsecond: "08:30:00", "23:59:59.999999".',
  specifiedBy: 'https://datatracker.ietf.org/doc/html/rfc3339#section-5.6',
  takes: 'a time of the day as a string, such as 08:30:00 or 23:59:59.999999',
  parse: (value) => (isLocalTime(value) ? value : undefined),
  is: isLocalTime,
});
