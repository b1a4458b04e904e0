import fc from 'fast-check';
import { GraphQLLocalDate } from 'graphql-scalars';
import { expect, it } from 'vitest';
import { isLocalDate, LocalDate } from '../../src/scalars/local-date.ts';

/** Whether a client could send it. */
function isAccepted(value: unknown): boolean {
  try {
    LocalDate.parseValue(value);
    return true;
  } catch {
    return false;
  }
}

it.each(['2024-02-29', '2000-02-29', '1900-02-28', '0000-01-01', '0004-02-29', '9999-12-31'])(
  '%s is a day',
  (text) => {
    expect([isLocalDate(text), isAccepted(text)]).toEqual([true, true]);
    expect(LocalDate.serialize(text)).toBe(text);
  },
);

it.each([
  '0000-00-00',
  '2024-00-10',
  '2024-10-00',
  '2023-02-29',
  '1900-02-29',
  '2024-04-31',
  '2024-13-01',
  '2024-1-01',
  '2024-01-1',
  '2024/01/01',
  '+024-01-01',
  '2024-01-01T',
  '2024-01-01 00:00:00',
  '２０24-01-01',
  '',
  20240101,
  null,
  new Date(0),
])('%s is none, neither in nor out', (value) => {
  expect([isLocalDate(value), isAccepted(value)]).toEqual([false, false]);
  expect(() => LocalDate.serialize(value)).toThrow('LocalDate takes a day');
});

/** What the library of the scalar says. */
function isLibrarys(text: string): boolean {
  try {
    return GraphQLLocalDate.parseValue(text) === text;
  } catch {
    return false;
  }
}

it('comes in and goes out if it is a day to graphql-scalars', () => {
  const part = (most: number, length: number) =>
    fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(length, '0'));
  const dates = fc.tuple(part(9999, 4), part(14, 2), part(33, 2)).map((parts) => parts.join('-'));
  const texts = fc.string({ unit: fc.constantFrom(...'0123456789-/ T'), minLength: 8, maxLength: 11 });
  fc.assert(
    fc.property(fc.oneof(dates, texts), (text) => {
      const is = isLibrarys(text);
      return isLocalDate(text) === is && isAccepted(text) === is;
    }),
    { numRuns: 20_000 },
  );
});
