import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TandemError } from '../errors/tandem-error.ts';
import { refuseLoneSurrogates } from './lone-surrogates.ts';

/** Bytes of a request's body at most. */
export const bodyLimit = 1024 * 1024;

/**
 * Reads bodies, which are JSON in UTF-8 and nothing else (https://www.rfc-editor.org/rfc/rfc8259#section-8.1): what would have
 * to be guessed or replaced would be stored as something that the client has not sent.
 */
export function readBodies(http: FastifyInstance): void {
  const parseText = http.getDefaultJsonParser('error', 'error');
  // Fastify would read it as a string; GraphQL comes as JSON alone, which no foreign page can send unasked.
  http.removeContentTypeParser(['text/plain', 'application/json']);
  http.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    refuseEncodings(request);
    if (!isUtf8(bytes)) throw new TandemError('BAD_REQUEST', { message: 'The body is not UTF-8.' });
    const text = bytes.toString();
    const plain = plainBody(text);
    if (plain !== undefined) {
      done(null, plain);
      return;
    }
    let parsed: { readonly error: Error | null; readonly body?: unknown } = { error: null };
    parseText(request, text, (error, body) => {
      parsed = { error, body };
    });
    if (parsed.error === null) refuseLoneSurrogates(parsed.body, text);
    done(parsed.error, parsed.body);
  });
  expectingBodies(http);
}

/**
 * A body in which nothing has to be looked for: no escaped character, and no name of a prototype. Most are, and Fastify's own
 * parser looks at each quotation mark. Undefined for all others.
 */
function plainBody(text: string): unknown {
  if (text.includes('\\u') || text.includes('__proto__') || text.includes('constructor')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** 415 lists in Accept-Encoding what the server reads: https://www.rfc-editor.org/rfc/rfc9110#status.415 */
function refuseEncodings({ headers }: FastifyRequest): void {
  const { 'content-type': type, 'content-encoding': coding } = headers;
  if (coding !== undefined && !/^[\s,]*(?:identity[\s,]*)*$/i.test(coding)) {
    throw new TandemError('UNSUPPORTED_MEDIA_TYPE', {
      message: 'The request’s body is compressed, which is not read here.',
    });
  }
  if (type === 'application/json' || type === undefined) return;
  for (const [, charset = ''] of type.matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi)) {
    if (/^utf-?8$/i.test(charset)) continue;
    throw new TandemError('UNSUPPORTED_MEDIA_TYPE', {
      message: 'The request’s body is in a charset that is not read here: send UTF-8.',
    });
  }
}

/**
 * A client that asks before it sends a body gets the refusal of a long one at once, and sends any other:
 * https://www.rfc-editor.org/rfc/rfc9110#field.expect
 */
function expectingBodies({ server }: FastifyInstance): void {
  server.on('checkContinue', (request, response) => {
    if (!isTooLong(request.headers)) response.writeContinue();
    server.emit('request', request, response);
  });
}

export function isTooLong(headers: FastifyRequest['headers']): boolean {
  return Number(headers['content-length']) > bodyLimit;
}
