import type { ApolloServerPlugin } from '@apollo/server';
import type { Context } from '../../context.ts';
import { logErrors } from '../log-errors.ts';

/** Logs the errors that Apollo meets: in requests, and in operations that graphql-js executes. */
export function logOperations(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, operationName, contextValue }) {
          logErrors(contextValue, operationName ?? null, errors);
        },
      };
    },
  };
}
