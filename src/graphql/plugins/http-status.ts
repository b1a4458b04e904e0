import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import type { Context } from '../../context.ts';

// Faults of the operation itself, in a request that HTTP has nothing against.
const ofTheOperation: ReadonlySet<unknown> = new Set([
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.BAD_USER_INPUT,
]);

/**
 * Answers a wrong operation with 200 where the client asks for `application/json` and not for
 * `application/graphql-response+json`, which alone says by a status that no field was executed:
 * https://graphql.github.io/graphql-over-http/draft/#sec-application-json
 */
export function httpStatus(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response: { http, body } }) {
          if (http.status !== 400 || body.kind !== 'single') return;
          const { errors = [] } = body.singleResult;
          if (!errors.every(({ extensions }) => ofTheOperation.has(extensions?.code))) return;
          const accept = request.http?.headers.get('accept') ?? '';
          if (/application\/json/i.test(accept) && !/graphql-response\+json/i.test(accept)) http.status = 200;
        },
      };
    },
  };
}
