import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../errors/catalogue.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Log } from '../log.ts';
import { faultOf } from './fault-of.ts';

const forOperators: ReadonlySet<ErrorCode> = new Set([
  'SOURCE_UNAVAILABLE',
  'SCHEMA_OUTDATED',
  'UNREADABLE_VALUE',
]);

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
      const level = forOperators.has(code) ? 'warn' : 'info';
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
