import { defineScalar } from './define.ts';
import { isLocalDate } from './local-date.ts';
import { isLocalTime } from './local-time.ts';

export function isLocalDateTime(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value[10] === 'T' &&
    isLocalDate(value.slice(0, 10)) &&
    isLocalTime(value.slice(11))
  );
}

/** A day and a time, never shifted by a time zone. */
export const LocalDateTime = defineScalar<string>({
  name: 'LocalDateTime',
  description: 'A day and a time without a time zone, to the microsecond: "2020-02-29T08:30:00.000001".',
  specifiedBy: 'https://datatracker.ietf.org/doc/html/rfc3339#section-5.6',
  takes: 'a day and a time without a time zone as a string, such as 2020-02-29T08:30:00',
  parse: (value) => (isLocalDateTime(value) ? value : undefined),
  is: isLocalDateTime,
});
