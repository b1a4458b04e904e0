import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { negotiate } from '../../src/server/accept-encoding.ts';
import { compress } from '../../src/server/compress.ts';

describe('Accept-Encoding', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip, br', 'br'],
    ['br;q=0.5, gzip;q=0.9', 'gzip'],
    ['*', 'br'],
    ['*;q=0', null],
    ['br;q=0, *;q=0.1', 'gzip'],
    ['identity, gzip;q=0.5', null],
    ['identity;q=0.5, gzip', 'gzip'],
    ['gzip;q=nonsense', null],
    [' gzip ; q=1 ', 'gzip'],
    ['deflate, zstd', null],
    ['bro, agzip', null],
  ])('%j chooses %j', (header, encoding) => {
    expect(negotiate(header)).toBe(encoding);
  });
});

describe('compression', () => {
  // Two bytes a character in one half, and one in the other.
  const textOf = (size: number) => 'ä'.repeat(size / 4).padEnd(size - Math.floor(size / 4), 'x');

  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('writes %s as asked', async (encoding, decompress) => {
    const { body, headers } = await compress(textOf(5000), encoding);
    expect(headers).toEqual(['vary', 'accept-encoding', 'content-encoding', encoding]);
    expect(body.length).toBeLessThan(200);
    expect(decompress(body).toString()).toBe(textOf(5000));
  });

  it.each([1023, 1024])('begins at 1 kB: %i bytes', async (size) => {
    const { body, headers } = await compress(textOf(size), 'gzip');
    expect(Buffer.byteLength(textOf(size))).toBe(size);
    expect(headers).toHaveLength(size < 1024 ? 0 : 4);
    expect(size < 1024 ? body : gunzipSync(body).toString()).toBe(textOf(size));
  });

  it('tells caches that a long answer depends on what the client takes', async () => {
    const { body, headers } = await compress(textOf(5000), undefined);
    expect(headers).toEqual(['vary', 'accept-encoding']);
    expect(body).toBe(textOf(5000));
  });

  it('compresses what is large in other threads', async () => {
    const large = textOf(100_000);
    const encoded = compress(large, 'gzip');
    expect(encoded).toBeInstanceOf(Promise);
    expect(gunzipSync((await encoded).body).toString()).toBe(large);
  });
});
