import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context, ContextFactory } from '../context.ts';
import { answerTypeOf } from '../graphql/content-type.ts';
import { queryStringOf } from './query-string.ts';
import { refuse } from './refuse.ts';
import type { RoleApis } from './role-apis.ts';
import { stringify } from './stringify-answer.ts';

const notAcceptable = 'Accept allows neither application/json nor application/graphql-response+json.';

type Handler = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<string | Buffer | Readable | FastifyReply>;

/** Characters up to which a text goes to Node as it is. */
const mostCharacters = 12 * 1024;

/**
 * The body of an answer. A short text is written together with its head, in one go, which takes a small read a tenth less CPU
 * than to write a head and a buffer. A long one is encoded here, once: Fastify asks for its length, and Node would copy it to
 * write it.
 */
function bodyOf(text: string): string | Buffer {
  return text.length <= mostCharacters ? text : Buffer.from(text);
}

/**
 * Hands a request to Apollo and its answer back: the whole of the HTTP that a GraphQL operation needs, since it
 * is on the path of every request. A repeated request takes the fast path.
 */
export function graphql(apis: RoleApis, contextOf: ContextFactory): Handler {
  async function throughApollo(
    apollo: ApolloServer<Context>,
    request: FastifyRequest,
    reply: FastifyReply,
    context: Context,
  ) {
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        // HEAD is GET whose answer stays here, which Apollo leaves to the server.
        method: request.method === 'HEAD' ? 'GET' : request.method,
        headers: headersOf(request),
        search: queryStringOf(request.raw.url ?? ''),
        body: request.body,
      },
      context: async () => context,
    });
    if (status !== undefined) reply.code(status);
    for (const [name, value] of headers) reply.header(name, value);
    if (body.kind !== 'complete') return Readable.from(body.asyncIterator);
    return bodyOf(body.string);
  }

  return async (request, reply) => {
    const { id: requestId, ip: address, identity } = request;
    if (identity === null) throw new Error('a request came without an identity');
    const context = contextOf({ requestId, response: reply.raw, address, identity });
    const api = apis.of(identity.role);
    const { apollo, fastPath } = api instanceof Promise ? await api : api;
    if (request.method !== 'POST') return throughApollo(apollo, request, reply, context);
    const { accept = '' } = request.headers;
    const type = answerTypeOf(accept);
    // Apollo would say so when the operation, which can be a mutation, has run.
    if (type === null) return refuse(reply, 406, 'BAD_REQUEST', notAcceptable);
    const answer = await fastPath.answer(Object(request.body), accept, context);
    if (answer === null) return throughApollo(apollo, request, reply, context);
    if (answer.status !== undefined) reply.code(answer.status);
    for (const [name, value] of answer.headers) reply.header(name, value);
    reply.header('content-type', type.contentType);
    const text = stringify(answer.result);
    return bodyOf(typeof text === 'string' ? text : await text);
  };
}

function headersOf({ headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return map;
}
