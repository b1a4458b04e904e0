import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server';
import type { Context } from '../../context.ts';
import type { Operation } from '../../observability/metrics/graphql-metrics.ts';

export type TellOperation = (operation: Operation) => void;

/** Tells of each operation how it went, when its answer is complete. */
export function measureOperations(told: readonly TellOperation[]): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      const started = performance.now();
      return {
        async willSendResponse(request) {
          const { operation, operationName: name } = request;
          const ms = performance.now() - started;
          const answered = { name, type: operation?.operation, ms, errors: errorsOf(request) };
          for (const tell of told) tell(answered);
        },
      };
    },
  };
}

const none: Operation['errors'] = [];

function errorsOf({ response }: GraphQLRequestContextWillSendResponse<Context>): Operation['errors'] {
  return response.body.kind === 'single' ? (response.body.singleResult.errors ?? none) : none;
}
