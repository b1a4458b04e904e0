import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context, ContextFactory } from '../context.ts';
import { answerTypeOf } from '../graphql/content-type.ts';
import { queryStringOf } from './query-string.ts';
import { refuse } from './refuse.ts';
import type { RoleApis } from './role-apis.ts';
import { sendAnswer } from './send-answer.ts';
import { stringify } from './stringify-answer.ts';

const notAcceptable = 'Accept allows neither application/json nor application/graphql-response+json.';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

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
  ): Promise<undefined> {
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
    if (body.kind !== 'complete') throw new Error('graphql 16 answers in one piece');
    await sendAnswer(request, reply, { status, headers, text: body.string });
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
    const { result, status, headers } = answer;
    headers.set('content-type', type.contentType);
    const json = stringify(result);
    const text = typeof json === 'string' ? json : await json;
    const sent = sendAnswer(request, reply, { status, headers, text });
    if (sent !== undefined) await sent;
    return undefined;
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
