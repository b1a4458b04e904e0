import type { MikroORM } from '@mikro-orm/mysql';
import { reasonOf } from '../errors/reason-of.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import type { Session } from './pool/session.ts';
import { statementKind } from './pool/statement-kind.ts';
import { onOneSession, type SessionStatements } from './session-statements.ts';

/**
 * Runs a unit of work on a session without a transaction around it: MySQL commits each statement by itself, wholly or not at
 * all (https://dev.mysql.com/doc/refman/8.4/en/innodb-autocommit-commit-rollback.html).
 *
 * @throws TandemError OUTCOME_UNKNOWN where a change was sent and its answer does not tell what became of it
 */
export async function autocommitted<T>(
  source: SourceName,
  session: Session,
  orm: MikroORM,
  work: (statements: SessionStatements) => Promise<T>,
): Promise<T> {
  const statements = onOneSession(session, {
    orm,
    errorOf: (error, sql) =>
      statementKind(sql) === 'write' && isUncertain(error)
        ? new TandemError('OUTCOME_UNKNOWN', { source, cause: error })
        : error,
  });
  try {
    return await work(statements);
  } finally {
    const running = statements.finished();
    if (running !== undefined) await running;
  }
}

/**
 * Errors that can also come when the change is made: the statement was interrupted, or the server shut down (1053, 1317, 3169,
 * 4031), or the commit that belongs to the statement met an error (1026, 1180). With any other answer of the server, the statement has
 * changed nothing: https://dev.mysql.com/doc/refman/8.4/en/innodb-error-handling.html
 */
const uncertain: ReadonlySet<unknown> = new Set([1026, 1053, 1180, 1317, 3169, 4031]);

function isUncertain(error: Error): boolean {
  const { errno, fatal } = error as { readonly errno?: number; readonly fatal?: boolean };
  // The session's own errors: a deadline has passed.
  if (error instanceof TandemError || fatal === true || uncertain.has(errno)) return true;
  return reasonOf(error) === 'CONNECTION_LOST';
}
