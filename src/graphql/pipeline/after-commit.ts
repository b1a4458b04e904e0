import { type GraphQLFormattedError, OperationTypeNode } from 'graphql';
import type { Context } from '../../context.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import { done, type Step } from './compose.ts';

/**
 * A mutation's payload is read before the commit, and completed after it: a value that its type cannot hold is an error below
 * the mutation's field, and comes when the change is made. Such an error says so, with the keys of the rows, wherever
 * the payload is lost with it or its own code would have the client try again.
 */
export function afterCommit(): Step {
  return {
    willSendResponse({ operation, contextValue, response: { body } }) {
      if (body.kind !== 'single') return done;
      const { errors, data } = body.singleResult;
      if (errors === undefined || operation?.operation !== OperationTypeNode.MUTATION) return done;
      body.singleResult.errors = errors.map((error) => {
        const [field, ...below] = error.path ?? [];
        const stands = below.length === 0 || (data?.[String(field)] != null && saysWhatIsLost(error));
        return stands ? error : payloadUnavailable(error, contextValue);
      });
      return done;
    },
  };
}

/** A code that is about a value, and under which nothing is sent again. */
function saysWhatIsLost({ extensions }: GraphQLFormattedError): boolean {
  return extensions?.retryable === false && extensions.code !== 'INTERNAL_SERVER_ERROR';
}

function payloadUnavailable(error: GraphQLFormattedError, { written }: Context): GraphQLFormattedError {
  const { message, extensions } = new TandemError(
    'PAYLOAD_UNAVAILABLE',
    written.get(String(error.path?.[0])),
  );
  return { ...error, message, extensions: { ...extensions } };
}
