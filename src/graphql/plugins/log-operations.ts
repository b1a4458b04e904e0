import type { ApolloServerPlugin } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import type { Context } from '../../context.ts';
import { TandemError } from '../../errors/tandem-error.ts';

/** Logs each operation by name and duration, and the reason of each error that the server is to blame for. */
export function logOperations(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      const started = performance.now();
      return {
        async didEncounterErrors({ errors, contextValue: { log } }) {
          for (const error of errors) {
            const original = unwrapResolverError(error);
            const { path } = error;
            if (original instanceof TandemError) {
              const { code, source } = original.extensions;
              log.warn({ code, source, path, err: original }, 'operation failed');
            } else if (error.originalError !== undefined) {
              log.error({ path, err: error.originalError }, 'operation failed');
            }
          }
        },
        async willSendResponse({ operationName, operation, contextValue: { log } }) {
          const ms = Math.round(performance.now() - started);
          log.debug({ operation: operationName, type: operation?.operation, ms }, 'operation');
        },
      };
    },
  };
}
