import type { SourceName } from '../source-name.ts';
import type { ErrorCode } from './catalogue.ts';
import { TandemError } from './tandem-error.ts';

/** The parts of a driver's error that say what happened; `message` and `sql` hold values and stay unread. */
interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  readonly sqlMessage?: string;
}

// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html; 4025 is MariaDB's 3819.
const serverErrors: Readonly<Record<number, ErrorCode>> = {
  1040: 'SOURCE_UNAVAILABLE',
  1044: 'SOURCE_UNAVAILABLE',
  1045: 'SOURCE_UNAVAILABLE',
  1049: 'SOURCE_UNAVAILABLE',
  1053: 'SOURCE_UNAVAILABLE',
  1129: 'SOURCE_UNAVAILABLE',
  1130: 'SOURCE_UNAVAILABLE',
  1203: 'SOURCE_UNAVAILABLE',
  1226: 'SOURCE_UNAVAILABLE',
  3159: 'SOURCE_UNAVAILABLE',
  1054: 'SCHEMA_OUTDATED',
  1146: 'SCHEMA_OUTDATED',
  1062: 'DUPLICATE',
  1205: 'TIMEOUT',
  3024: 'TIMEOUT',
  1406: 'VALUE_TOO_LONG',
  1452: 'NOT_FOUND',
  3819: 'CHECK_FAILED',
  4025: 'CHECK_FAILED',
};

// Node's own error codes (https://nodejs.org/api/errors.html#nodejs-error-codes), and mysql2's.
const connectionErrors =
  /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|PROTOCOL_|HANDSHAKE_|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|POOL_CLOSED)/;

/**
 * What a failure of the ORM or its driver means. Returns null for what is none of the database's errors.
 * `propertyOf` turns a column's name into its name in the API.
 */
export function fromMysql(
  error: unknown,
  source: SourceName,
  propertyOf: (column: string) => string,
): TandemError | null {
  if (error instanceof TandemError) return error;
  if (!(error instanceof Error)) return null;
  const { code = '', errno, sqlMessage = '' } = error as DriverError;
  const known = errno === undefined ? undefined : serverErrors[errno];
  if (known === 'VALUE_TOO_LONG') {
    const column = /for column '([^']+)'/.exec(sqlMessage)?.[1];
    return new TandemError(known, {
      source,
      cause: error,
      ...(column === undefined ? {} : { message: `${propertyOf(column)} is too long.` }),
    });
  }
  if (known === 'CHECK_FAILED') {
    // MySQL: Check constraint 'name' is violated. MariaDB: CONSTRAINT `name` failed for `db`.`table`
    const name = /constraint ['`]([^'`]+)['`]/i.exec(sqlMessage)?.[1];
    return new TandemError(known, {
      source,
      cause: error,
      ...(name === undefined ? {} : { message: `The values contradict the rule ${name}.` }),
    });
  }
  if (known !== undefined) return new TandemError(known, { source, cause: error });
  if (connectionErrors.test(code) || /certificate|pool is closed/i.test(error.message)) {
    return new TandemError('SOURCE_UNAVAILABLE', { source, cause: error });
  }
  return null;
}
