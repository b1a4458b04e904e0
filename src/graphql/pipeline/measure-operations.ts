import type { GraphQLRequestContextWillSendResponse } from '@apollo/server';
import type { Context } from '../../context.ts';
import type { Operation } from '../../observability/metrics/graphql-metrics.ts';
import { done, type Step } from './compose.ts';

export type ReportOperation = (operation: Operation) => void;

/** Tells of each operation how it went, when its answer is complete. */
export function measureOperations(told: readonly ReportOperation[]): Step {
  return {
    willSendResponse(request) {
      const { operation, operationName: name, contextValue } = request;
      const ms = performance.now() - contextValue.started;
      const { fallbacks } = contextValue.readers;
      const answered = {
        name,
        type: operation?.operation,
        ms,
        errors: errorsOf(request),
        fallbacks: fallbacks ?? noFallbacks,
      };
      for (const tell of told) tell(answered);
      return done;
    },
  };
}

const none: Operation['errors'] = [];
const noFallbacks: Operation['fallbacks'] = [];

function errorsOf({ response }: GraphQLRequestContextWillSendResponse<Context>): Operation['errors'] {
  return response.body.kind === 'single' ? (response.body.singleResult.errors ?? none) : none;
}
