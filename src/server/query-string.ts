import type { preParsingHookHandler } from 'fastify';
import { TandemError } from '../errors/tandem-error.ts';
import { refuseLoneSurrogates } from './lone-surrogates.ts';

/** The query string with its question mark, or nothing. */
export function queryStringOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at);
}

/** Empty, they are as if left out: https://graphql.github.io/graphql-over-http/draft/#sec-GET */
const optional = ['operationName', 'variables', 'extensions'] as const;

/** Reads the parameters of requests by GET, and refuses what would have to be guessed. */
export function readQueryString(): preParsingHookHandler {
  return (request, _reply, _payload, done) => {
    const search = queryStringOf(request.url);
    if (search === '') return done();
    const parameters = new URLSearchParams(search);
    try {
      refuseUnreadable(search, parameters);
    } catch (error) {
      return done(error as Error);
    }
    const empty = optional.filter(
      (name) => parameters.get(name) === '' && parameters.getAll(name).length === 1,
    );
    for (const name of empty) parameters.delete(name);
    if (empty.length > 0) request.raw.url = `${request.url.split('?', 1)[0]}?${parameters}`;
    done();
  };
}

/** @throws TandemError where characters would have to be guessed */
function refuseUnreadable(search: string, parameters: URLSearchParams): void {
  if (!isUtf8(search))
    throw new TandemError('BAD_REQUEST', { message: 'The address is not UTF-8, percent-encoded.' });
  for (const name of ['variables', 'extensions']) {
    const text = parameters.get(name) ?? '';
    refuseLoneSurrogates({ [name]: parsed(text) }, text);
  }
}

/** https://url.spec.whatwg.org/#percent-decode, as strict as its encoding is. */
function isUtf8(search: string): boolean {
  try {
    decodeURIComponent(search);
    return true;
  } catch {
    return false;
  }
}

/** Apollo says where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
