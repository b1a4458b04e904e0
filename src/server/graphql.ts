import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Repeated } from '../graphql/repeated.ts';
import type { Caller } from '../sources/pool/session.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<Buffer | Readable>;

/**
 * Hands a request to Apollo and its answer back: the whole of the HTTP that a GraphQL operation needs, since it
 * is on the path of every request. What has come before takes the short way.
 */
export function graphql(
  apollo: ApolloServer<Context>,
  shortWay: Repeated,
  contextOf: (requestId: string, caller: Caller) => Context,
): Handler {
  const types = contentTypes();

  async function throughApollo(request: FastifyRequest, reply: FastifyReply, context: Context) {
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        // HEAD is GET whose answer stays here, which Apollo leaves to the server.
        method: request.method === 'HEAD' ? 'GET' : request.method,
        headers: headersOf(request),
        search: searchOf(request.raw.url ?? ''),
        body: request.body,
      },
      context: async () => context,
    });
    if (status !== undefined) reply.code(status);
    for (const [name, value] of headers) reply.header(name, value);
    if (body.kind !== 'complete') return Readable.from(body.asyncIterator);
    // Of a refusal, the type may be none that the client takes; to GET, Apollo may have answered with a page.
    if (request.method === 'POST' && reply.statusCode === 200)
      types.learn(request.headers.accept, headers.get('content-type'));
    // Encoded once: whatever comes after this asks for its length, and Node would copy a long text to write it.
    return Buffer.from(body.string);
  }

  return async (request, reply) => {
    const context = contextOf(request.id, reply.raw);
    const type = request.method === 'POST' ? types.of(request.headers.accept) : undefined;
    if (type === undefined) return throughApollo(request, reply, context);
    const { accept = '' } = request.headers;
    const answer = await shortWay.answer(Object(request.body), accept, context);
    if (answer === null) return throughApollo(request, reply, context);
    if (answer.status !== undefined) reply.code(answer.status);
    for (const [name, value] of answer.headers) reply.header(name, value);
    reply.header('content-type', type);
    return Buffer.from(JSON.stringify(answer.result));
  };
}

/** How many texts of Accept are known at most: each client has one of its own, and few there are. */
const mostTexts = 100;

/** The media type that Apollo chose for a text of Accept, which it would choose again. */
function contentTypes() {
  const known = new Map<string, string>();
  return {
    of: (accept = '') => known.get(accept),
    learn(accept: string | undefined, type: string | undefined) {
      if (type !== undefined && known.size < mostTexts) known.set(accept ?? '', type);
    },
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
