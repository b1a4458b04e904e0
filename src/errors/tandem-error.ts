import type { SourceName } from '../source-name.ts';
import { type CodedExtensions, catalogue, type ErrorCode, extensionsOf } from './codes.ts';
import type { Reason } from './explain-reason.ts';
import { explain } from './explanation.ts';
import { reasonOf } from './reason-of.ts';

/** The fault of one value: `input.firstName`, `takes at most 50 characters, has 60`. */
export interface FieldProblem {
  /** The way to the value from the field's arguments, list positions from 0: `inputs.3.records.0.diagnosis`. */
  readonly path: string;
  /** Continues the path as a sentence. */
  readonly message: string;
}

interface Details {
  readonly source?: SourceName;
  /** Takes the place of the catalogue's cause, and of the first field's. */
  readonly message?: string;
  /** Takes the place of the catalogue's remedy. */
  readonly remedy?: string;
  readonly fields?: readonly FieldProblem[];
  /** Keys of the rows that were written, or may have been, as the API has them. */
  readonly keys?: readonly unknown[] | undefined;
  readonly cause?: unknown;
  /** Where no cause tells it. */
  readonly reason?: Reason;
  /** Which limit was met (docs/limits.md). */
  readonly limit?: string;
}

/**
 * An error that may be shown to a client: no SQL, no driver text, no value of a row. graphql-js copies
 * `extensions` into the answer (GraphQL spec, section 7.1.2, "Error result format").
 */
export class TandemError extends Error {
  override readonly name = 'TandemError';
  /** Why, for logs and the terminal; never part of an answer. Null where the code says it all. */
  readonly reason: Reason | null;
  readonly extensions: CodedExtensions & {
    readonly fields?: readonly FieldProblem[];
    readonly keys?: readonly unknown[];
    readonly limit?: string;
  };

  constructor(
    readonly code: ErrorCode,
    { source, message, remedy, fields = [], keys, cause, reason, limit }: Details = {},
  ) {
    super(message ?? summary(fields) ?? explain(catalogue[code], source).cause, { cause });
    this.reason = reason ?? reasonOf(cause);
    this.extensions = {
      ...extensionsOf(code, source),
      ...(remedy === undefined ? {} : { remedy }),
      ...(fields.length === 0 ? {} : { fields }),
      ...(keys && { keys }),
      ...(limit === undefined ? {} : { limit }),
    };
  }
}

function summary([first, ...rest]: readonly FieldProblem[]): string | undefined {
  if (first === undefined) return undefined;
  const others = rest.length === 0 ? '' : ` (and ${rest.length} more, in fields)`;
  return `${first.path} ${first.message}${others}.`;
}
