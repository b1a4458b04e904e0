import type { SourceName } from '../source-name.ts';
import { type ErrorCode, isErrorCode } from './codes.ts';
import { codeOf } from './explain-reason.ts';
import { reasonOf } from './reason-of.ts';
import { type FieldProblem, TandemError } from './tandem-error.ts';

/** The API's names of the things that MySQL's messages name. */
export interface Names {
  /** The GraphQL type of a table. */
  type(table: string): string;
  /** The field of a column, and the characters that it takes. */
  column(column: string, table?: string): { readonly field: string; readonly length?: number | undefined };
  /** The fields of an index or a check. */
  constraint(name: string): { readonly fields: readonly string[]; readonly rule?: string | undefined };
}

/** The parts of a driver's error that say what happened; `message` and `sql` hold values and stay unread. */
interface DriverError {
  readonly errno?: number;
  /** Holds values too: only the names that MySQL puts in quotation marks are taken from it. */
  readonly sqlMessage?: string;
}

// Errors about the rows, and so for the client: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
const rowErrors: Readonly<Record<number, ErrorCode>> = {
  1048: 'BAD_USER_INPUT',
  1062: 'DUPLICATE',
  1264: 'BAD_USER_INPUT',
  1292: 'BAD_USER_INPUT',
  1364: 'BAD_USER_INPUT',
  1366: 'BAD_USER_INPUT',
  1406: 'VALUE_TOO_LONG',
  1451: 'REFERENCED',
  1452: 'NOT_FOUND',
  // A date of a cursor that is none.
  1525: 'BAD_USER_INPUT',
  // A geometry that is out of the range of its spatial reference system.
  3616: 'BAD_USER_INPUT',
  3617: 'BAD_USER_INPUT',
  3819: 'CHECK_FAILED',
  // A column of another character set is compared with a character that it lacks.
  3854: 'BAD_USER_INPUT',
};

/** MySQL's numbers of errors about rows, by the code that a client gets. */
export function numbersOf(code: ErrorCode): readonly number[] {
  return Object.keys(rowErrors)
    .map(Number)
    .filter((number) => rowErrors[number] === code);
}

/**
 * The error that a failure of the ORM or its driver means; null for one that is none of the database's errors. `fields`
 * have the bare names of the fields, since MySQL does not say which row of a statement was wrong.
 */
export function fromMysql(error: unknown, source: SourceName, names: Names): TandemError | null {
  if (error instanceof TandemError) return error;
  if (!(error instanceof Error)) return null;
  if (isOurs(error)) {
    return new TandemError(error.code, { source, message: error.message, cause: error.cause ?? error });
  }
  const reason = reasonOf(error);
  const { errno, sqlMessage = '' } = error as DriverError;
  const code = reason === null ? rowErrors[errno ?? 0] : codeOf(reason);
  if (code !== undefined) {
    const details = explain[code]?.(sqlMessage, names) ?? {};
    return new TandemError(code, { source, cause: error, ...details });
  }
  // mysql2 gives it no code.
  if (/pool is closed/i.test(error.message)) {
    return new TandemError('SOURCE_UNAVAILABLE', { source, cause: error });
  }
  return null;
}

/** A TandemError that went through the ORM, which makes one of its own of it, with the same properties. */
function isOurs(error: Error): error is Error & { readonly code: ErrorCode } {
  return isErrorCode((error as { code?: unknown }).code) && 'extensions' in error;
}

/** The details that the text of MySQL's error adds to the code. */
interface Details {
  readonly message?: string;
  readonly fields?: readonly FieldProblem[];
}

/** The details in the text of some errors, in the API's terms; none where it reads unlike MySQL's. */
const explain: Partial<Record<ErrorCode, (text: string, names: Names) => Details | undefined>> = {
  // Data too long for column 'first_name' at row 1
  VALUE_TOO_LONG(text, names) {
    const column = /for column '([^']+)'/.exec(text)?.[1];
    if (column === undefined) return undefined;
    const { field, length } = names.column(column);
    // A text too long for the column of the migrations is refused before: this one is narrower.
    const should = length === undefined ? '' : `, which should take ${length} characters`;
    const message = `is longer than its column${should}`;
    return { fields: [{ path: field, message }] };
  },

  // Column 'x' cannot be null; Field 'x' doesn't have a default value; Out of range value for column 'x' at row 1;
  // Incorrect date value: 'value' for column 'x' at row 1. The value may hold anything.
  BAD_USER_INPUT(text, names) {
    const column = /(?:^Column|^Field|^Out of range value for column|.* for column) '([^']+)'/s.exec(
      text,
    )?.[1];
    if (column === undefined) return undefined;
    const problem =
      refusals.find(([pattern]) => pattern.test(text))?.[1] ?? 'has a value that its column cannot hold';
    return { fields: [{ path: names.column(column).field, message: problem }] };
  },

  // INSERT command denied to user 'name'@'host' for table 'x'; execute command denied to … for routine 'db.x';
  // Access denied; you need (at least one of) the A or B privilege(s) for this operation
  SOURCE_ACCESS_DENIED(text) {
    const privilege =
      /^([a-z][a-z, ]*?) command denied/i.exec(text)?.[1]?.toUpperCase() ??
      /at least one of\) the ([A-Z_, ]+(?: or [A-Z_, ]+)*) privilege/i.exec(text)?.[1];
    if (privilege === undefined) return undefined;
    return { message: `The account that Tandem uses lacks the privilege ${privilege}, which this needs.` };
  },

  // Deadlock found when trying to get lock; try restarting transaction
  CONFLICT: () => ({ message: 'Another transaction on the same rows came first, and this one was undone.' }),

  // … a foreign key constraint fails (`db`.`child`, CONSTRAINT `name` FOREIGN KEY (`column`) REFERENCES `parent` (`id`) …)
  NOT_FOUND(text, names) {
    const { child, column, parent } = foreignKey(text);
    if (column === undefined || parent === undefined) return undefined;
    const message = `is the key of no ${names.type(parent)}`;
    return { fields: [{ path: names.column(column, child).field, message }] };
  },
  REFERENCED(text, names) {
    const { child, column } = foreignKey(text);
    if (child === undefined || column === undefined) return undefined;
    const { field } = names.column(column, child);
    return { message: `There are ${names.type(child)} rows that refer to this one by ${field}.` };
  },

  // Duplicate entry 'value' for key 'table.index'; before 8.0.19 'index'. The value may hold anything.
  DUPLICATE(text, names) {
    const index = /for key '(?:[^'.]+\.)?([^'.]+)'$/.exec(text)?.[1];
    const fields = index === undefined ? [] : names.constraint(index).fields;
    return { fields: fields.map((path) => ({ path, message: 'has a value that another row has already' })) };
  },

  // Check constraint 'name' is violated.
  CHECK_FAILED(text, names) {
    const name = /constraint '([^']+)'/i.exec(text)?.[1];
    if (name === undefined) return undefined;
    const { fields, rule } = names.constraint(name);
    const message = `The values contradict the rule ${name}${rule === undefined ? '' : `: ${rule}`}.`;
    return { message, fields: fields.map((path) => ({ path, message: `contradicts the rule ${name}` })) };
  },
};

const refusals: readonly (readonly [RegExp, string])[] = [
  [/cannot be null|doesn't have a default value/, 'cannot be null'],
  [/^Out of range/, 'is out of the range of its column'],
];

function foreignKey(text: string): { child?: string; column?: string; parent?: string } {
  return (
    /\(`[^`]+`\.`(?<child>[^`]+)`, CONSTRAINT `[^`]+` FOREIGN KEY \(`(?<column>[^`]+)`\) REFERENCES `(?<parent>[^`]+)`/.exec(
      text,
    )?.groups ?? {}
  );
}
