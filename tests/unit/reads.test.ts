import { describe, expect, it } from 'vitest';
import { TandemError } from '../../src/errors/tandem-error.ts';
import { decodeCursor, encodeCursor } from '../../src/reads/cursor.ts';
import { globalId } from '../../src/reads/global-id.ts';
import { sourceNames } from '../../src/source-name.ts';

describe('a cursor', () => {
  const byKey = [{ property: 'key', direction: 'asc' }] as const;
  const byName = [
    { property: 'lastName', direction: 'desc' },
    { property: 'contactNumber', direction: 'asc' },
    ...byKey,
  ] as const;
  /** The key is a number. */
  const holds = (path: string, value: unknown) => (path === 'key' ? Number.isSafeInteger(value) : null);
  const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('brings back the place of a row in its order', () => {
    const row = { key: 2 ** 31 - 1, lastName: 'Œuvre "%_', contactNumber: null };
    expect(decodeCursor('after', byKey, encodeCursor(byKey, row), holds)).toEqual([row.key]);
    expect(decodeCursor('after', byName, encodeCursor(byName, row), holds)).toEqual([
      row.lastName,
      null,
      row.key,
    ]);
  });

  it.each([
    '',
    'x',
    '%%%',
    json(null),
    json([]),
    json(['+key']),
    json(['+key', '1']),
    json(['+key', 1, 2]),
    json({ 0: 1 }),
  ])('is refused when it reads %s', (text) => {
    expect(() => decodeCursor('before', byKey, text, holds)).toThrow(/^before is not a cursor of this list/);
  });

  it('is refused in another order, and with an object where none can be', () => {
    const row = { key: 1, lastName: 'A', contactNumber: 'B' };
    expect(() => decodeCursor('after', byKey, encodeCursor(byName, row), holds)).toThrow(TandemError);
    for (const lastName of [{}, [], '\ud800']) {
      expect(() => decodeCursor('after', byName, encodeCursor(byName, { ...row, lastName }), holds)).toThrow(
        TandemError,
      );
    }
  });
});

describe('a global id', () => {
  it('differs by source, type and key', () => {
    const ids = sourceNames.flatMap((source) =>
      ['Patient', 'MedicalRecord'].flatMap((type) => [1, 2].map((key) => globalId(source, type, key))),
    );
    expect(new Set(ids).size).toBe(8);
  });
});
