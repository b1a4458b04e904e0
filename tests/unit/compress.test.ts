import { get, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
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
  const accept = { 'accept-encoding': 'gzip' };

  async function answer(payload: unknown, headers: Record<string, string>) {
    await using app = Fastify();
    app.get('/', { onSend: compress() }, (_request, reply) => reply.headers(headers).send(payload));
    return await app.inject({ url: '/', headers: accept });
  }

  it('sends each part of a stream as it comes', async () => {
    let release = () => {};
    const second = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* parts() {
      yield 'first';
      await second;
      yield 'second';
    }
    await using app = Fastify();
    app.get('/', { onSend: compress() }, (_request, reply) =>
      reply.type('multipart/mixed; boundary="-"').send(Readable.from(parts())),
    );
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(address, { headers: accept }, resolve).on('error', reject);
    });
    expect(response.headers['content-encoding']).toBe('gzip');
    const texts = response.pipe(createGunzip()).setEncoding('utf8')[Symbol.asyncIterator]();
    expect((await texts.next()).value).toBe('first');
    release();
    expect((await texts.next()).value).toBe('second');
  });

  it.each([1023, 1024])('begins at 1 kB: %i bytes', async (size) => {
    const text = 'ä'.repeat(size / 2).padEnd(size - Math.floor(size / 2), 'x');
    const { headers, rawPayload } = await answer(text, { 'content-type': 'text/plain; charset=utf-8' });
    expect(headers['content-encoding']).toBe(size < 1024 ? undefined : 'gzip');
    expect((size < 1024 ? rawPayload : gunzipSync(rawPayload)).toString()).toBe(text);
  });

  it.each([
    ['a picture', { 'content-type': 'image/png' }],
    ['what is compressed already', { 'content-type': 'application/json', 'content-encoding': 'zstd' }],
  ])('leaves %s alone', async (_what, headers) => {
    const body = Buffer.alloc(5000);
    const sent = await answer(body, headers);
    expect(sent.headers['content-encoding']).toBe(headers['content-encoding' as never]);
    expect(sent.rawPayload).toEqual(body);
  });

  it('corrects a length that was said before', async () => {
    const { headers, rawPayload } = await answer('x'.repeat(5000), {
      'content-type': 'text/plain',
      'content-length': '5000',
    });
    expect(Number(headers['content-length'])).toBe(rawPayload.length);
    expect(rawPayload.length).toBeLessThan(100);
  });
});
