import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError } from 'graphql';
import { TandemError } from '../errors/tandem-error.ts';
import type { Log } from '../log.ts';
import { faultOf } from './fault-of.ts';

/** Logs the reason of each error of an operation, at the level of whoever can mend it: client, operator, or us. */
export function logErrors(
  { log, requestId }: { readonly log: Log; readonly requestId: string },
  operation: string | null,
  errors: readonly GraphQLError[],
): void {
  for (const error of errors) {
    const original = unwrapResolverError(error);
    const about = { requestId, operation, path: error.path };
    if (original instanceof TandemError) {
      const { code, source } = original.extensions;
      const level = code === 'SOURCE_UNAVAILABLE' || code === 'SCHEMA_OUTDATED' ? 'warn' : 'info';
      log[level](
        { ...about, code, source, reason: original.reason ?? undefined, err: original.cause },
        'operation failed',
      );
    } else if (original instanceof GraphQLError) {
      log.info({ ...about, code: original.extensions.code ?? faultOf(original) }, 'operation refused');
    } else {
      log.error({ ...about, err: original }, 'operation failed unexpectedly');
    }
  }
}
