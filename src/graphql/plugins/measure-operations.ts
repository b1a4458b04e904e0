import type {
  ApolloServerPlugin,
  GraphQLRequestContextWillSendResponse,
  GraphQLRequestListener,
} from '@apollo/server';
import type { Context } from '../../context.ts';
import type { Operation } from '../../observability/metrics/graphql-metrics.ts';

export type TellOperation = (operation: Operation) => void;

/**
 * Tells of each operation how it went, when its answer is complete. One listener serves all requests: one of its
 * own for each cost more than what is told.
 */
export function measureOperations(told: readonly TellOperation[]): ApolloServerPlugin<Context> {
  const done = Promise.resolve();
  const listener: Promise<GraphQLRequestListener<Context>> = Promise.resolve({
    willSendResponse(request) {
      const { operation, operationName: name, contextValue } = request;
      const ms = performance.now() - contextValue.started;
      const answered = { name, type: operation?.operation, ms, errors: errorsOf(request) };
      for (const tell of told) tell(answered);
      return done;
    },
  });
  return { requestDidStart: () => listener };
}

const none: Operation['errors'] = [];

function errorsOf({ response }: GraphQLRequestContextWillSendResponse<Context>): Operation['errors'] {
  return response.body.kind === 'single' ? (response.body.singleResult.errors ?? none) : none;
}
