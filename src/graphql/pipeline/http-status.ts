import { ApolloServerErrorCode } from '@apollo/server/errors';
import { catalogue, isErrorCode } from '../../errors/codes.ts';
import { answerTypeOf } from '../content-type.ts';
import { done, type Step } from './compose.ts';

// Faults of the operation itself, in a request that HTTP has nothing against.
const ofTheOperation: ReadonlySet<unknown> = new Set([
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.BAD_USER_INPUT,
]);

/** Seconds after which a client that was refused for lack of room may ask again. */
const retryAfter = '1';

/**
 * Answers a wrong operation with 200 where the client asks for `application/json` and gets it:
 * `application/graphql-response+json` alone says by a status that no field was executed.
 * https://graphql.github.io/graphql-over-http/draft/#sec-application-json
 *
 * Answers 503 where nothing was answered because a pool is overloaded, so that balancers and clients hold back.
 */
export function httpStatus(): Step {
  return {
    willSendResponse({ request, response: { http, body } }) {
      if (body.kind !== 'single') return done;
      const { errors = [], data } = body.singleResult;
      if (http.status === 400) {
        if (!errors.every(({ extensions }) => ofTheOperation.has(extensions?.code))) return done;
        if (answerTypeOf(request.http?.headers.get('accept'))?.legacy === true) http.status = 200;
      } else if (errors.length > 0 && isEmpty(data)) {
        if (!errors.every(({ extensions }) => isBusy(extensions?.code))) return done;
        http.status = 503;
        http.headers.set('retry-after', retryAfter);
      }
      return done;
    },
  };
}

function isEmpty(data: Readonly<Record<string, unknown>> | null | undefined): boolean {
  return data === null || data === undefined || Object.values(data).every((value) => value === null);
}

function isBusy(code: unknown): boolean {
  if (!isErrorCode(code)) return false;
  const entry = catalogue[code];
  return 'status' in entry && entry.status === 503;
}
