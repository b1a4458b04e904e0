import { describe, expect, it } from 'vitest';
import { TandemError } from '../../src/errors/tandem-error.ts';
import { decodeCursor, encodeCursor } from '../../src/reads/cursor.ts';
import { globalId } from '../../src/reads/global-id.ts';
import { sourceNames } from '../../src/source-name.ts';

describe('a cursor', () => {
  it.each([0, 1, -5, 2 ** 31 - 1])('brings back the key %i', (key) => {
    expect(decodeCursor(encodeCursor(key))).toBe(key);
  });

  it.each([
    '',
    'x',
    '%%%',
    'bnVsbA',
    Buffer.from('["1"]').toString('base64url'),
    Buffer.from('[1,2]').toString('base64url'),
    Buffer.from('{"0":1}').toString('base64url'),
  ])('is refused when it reads %s', (text) => {
    expect(() => decodeCursor(text)).toThrow(TandemError);
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
