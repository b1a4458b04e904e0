import { logErrors } from '../log-errors.ts';
import type { Listener } from './compose.ts';

/** Logs the errors that Apollo meets: in requests, and in operations that graphql-js executes. */
export function logOperations(): Listener {
  return {
    async didEncounterErrors({ errors, operationName, contextValue }) {
      logErrors(contextValue, operationName ?? null, errors);
    },
  };
}
