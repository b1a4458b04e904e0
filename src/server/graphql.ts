import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Caller } from '../sources/pool/session.ts';

/**
 * Hands a request to Apollo and its answer back: the whole of the HTTP that a GraphQL operation needs, since it
 * is on the path of every request.
 */
export function graphql(
  apollo: ApolloServer<Context>,
  contextOf: (requestId: string, caller: Caller) => Context,
): (request: FastifyRequest, reply: FastifyReply) => Promise<Buffer | Readable> {
  return async (request, reply) => {
    const { url = '' } = request.raw;
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        // HEAD is GET whose answer stays here, which Apollo leaves to the server.
        method: request.method === 'HEAD' ? 'GET' : request.method,
        headers: headersOf(request),
        search: searchOf(url),
        body: request.body,
      },
      context: async () => contextOf(request.id, reply.raw),
    });
    if (status !== undefined) reply.code(status);
    for (const [name, value] of headers) reply.header(name, value);
    // Encoded once: whatever comes after this asks for its length, and Node would copy a long text to write it.
    return body.kind === 'complete' ? Buffer.from(body.string) : Readable.from(body.asyncIterator);
  };
}

/** The query string with its question mark, or nothing. */
export function searchOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at);
}

function headersOf({ headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return map;
}
