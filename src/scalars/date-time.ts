import { defineScalar } from './define.ts';
import { isLocalDateTime } from './local-date-time.ts';

/** An instant: it comes in with any offset, and goes out in UTC. */
export const DateTime = defineScalar<string>({
  name: 'DateTime',
  description:
    'An instant to the microsecond, in UTC: "2020-02-29T08:30:00.000001Z". It is taken with any offset, such as +02:00.',
  specifiedBy: 'https://datatracker.ietf.org/doc/html/rfc3339#section-5.6',
  takes: 'an instant with its offset as a string, such as 2020-02-29T08:30:00Z or 2020-02-29T10:30:00+02:00',
  parse: (value) => (typeof value === 'string' ? inUtc(value) : undefined),
  is: (value) => typeof value === 'string' && value.endsWith('Z') && isLocalDateTime(value.slice(0, -1)),
});

function inUtc(text: string): string | undefined {
  const [, local = '', offset = ''] = /^(.+?)(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i.exec(text) ?? [];
  const upper = local.toUpperCase();
  if (!isLocalDateTime(upper)) return undefined;
  if (/^(?:z|[+-]00:00)$/i.test(offset)) return `${upper}Z`;
  const [whole = '', fraction] = upper.split('.');
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  const shift = (hours * 60 + minutes) * (offset.startsWith('-') ? 1 : -1);
  const moment = new Date(`${whole}Z`).getTime() + shift * 60_000;
  const shifted = new Date(moment).toISOString().slice(0, 19);
  // Years beyond four digits are written with a sign.
  if (!isLocalDateTime(shifted)) return undefined;
  return `${shifted}${fraction === undefined ? '' : `.${fraction}`}Z`;
}
