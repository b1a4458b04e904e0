import type { ApolloServerPlugin } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError } from 'graphql';
import type { Context } from '../../context.ts';
import { TandemError } from '../../errors/tandem-error.ts';

/** Logs the reason of each error, at the level of whoever can mend it: the client, an operator, or us. */
export function logOperations(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, operationName, contextValue: { log } }) {
          for (const error of errors) {
            const original = unwrapResolverError(error);
            const about = { operation: operationName, path: error.path };
            if (original instanceof TandemError) {
              const { code, source } = original.extensions;
              const level = code === 'SOURCE_UNAVAILABLE' || code === 'SCHEMA_OUTDATED' ? 'warn' : 'info';
              log[level]({ ...about, code, source, err: original.cause }, 'operation failed');
            } else if (original instanceof GraphQLError) {
              log.info({ ...about, code: original.extensions.code }, 'operation refused');
            } else {
              log.error({ ...about, err: original }, 'operation failed unexpectedly');
            }
          }
        },
      };
    },
  };
}
