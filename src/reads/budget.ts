import { TandemError } from '../errors/tandem-error.ts';
import type { Allowance } from '../sources/pool/session.ts';

/** What the filters, orders and cursors of one operation may hold together: more is no question that a person asks. */
const questionLimits = { parts: 2000, values: 5000, bytes: 256 * 1024 } as const;

/** What one operation may take where nobody says more: `LIMIT_COST`. */
const defaultValues = 100_000;
/** Bytes that all its rows may hold: an answer is made and written in one go, during which nothing else is served. */
const mostBytes = 8 * 2 ** 20;
/** Rows that a statement may read at least: with a small LIMIT, MySQL could prefer an index that serves the order alone. */
const leastRows = 1000;

/**
 * What is left for one operation to take of the server. All its fields take from the same budget, whichever cloud they ask.
 * A field for which too little is left fails with OPERATION_TOO_COMPLEX, before the memory is spent.
 */
export class Budget implements Allowance {
  /** Bytes that may still come from the databases; whoever receives some subtracts them. */
  bytes = mostBytes;
  readonly #most: number;
  #left: number;
  #parts = 0;
  #operands = 0;
  #questionBytes = 0;

  /** @param values how many values the answer may hold: each row counts one, and each of its fields */
  constructor(values = defaultValues) {
    this.#most = values;
    this.#left = values;
  }

  /** How many rows of so many values each a statement has to read for it to be known whether they are too many. */
  rowsOf(values: number): number {
    return Math.max(leastRows, Math.floor(this.#left / values) + 1);
  }

  /** Values of the answer. */
  takeValues(count: number): void {
    this.#left -= count;
    if (this.#left < 0) {
      refuse(
        'cost',
        `The answer would hold more than ${this.#most} values; ask for fewer rows, fields or levels.`,
      );
    }
  }

  exceeded(): TandemError {
    const message = `The answer would hold more than ${mostBytes} bytes; ask for fewer rows, or for fewer long texts.`;
    return new TandemError('OPERATION_TOO_COMPLEX', { limit: 'bytes', message });
  }

  /** Bytes of the answer that no database has to send again, such as those of a parent that many rows have. */
  takeBytes(count: number): void {
    this.bytes -= count;
    if (this.bytes < 0) throw this.exceeded();
  }

  /** A part of a filter: a comparison, a list, or what holds others. */
  takePart(): void {
    this.#parts += 1;
    if (this.#parts > questionLimits.parts) refuseFilters(questionLimits.parts, 'parts of filters');
  }

  /** A value that a filter compares with. */
  takeOperand(value: unknown): void {
    this.#operands += 1;
    if (this.#operands > questionLimits.values) refuseFilters(questionLimits.values, 'values in filters');
    this.takeQuestionBytes(typeof value === 'string' ? Buffer.byteLength(value) : 8);
  }

  /** Bytes of a value, or of a cursor. */
  takeQuestionBytes(count: number): void {
    this.#questionBytes += count;
    if (this.#questionBytes > questionLimits.bytes) {
      refuseFilters(questionLimits.bytes, 'bytes in filters and cursors');
    }
  }
}

function refuse(limit: string, message: string): never {
  throw new TandemError('OPERATION_TOO_COMPLEX', { limit, message });
}

function refuseFilters(most: number, what: string): never {
  refuse('filters', `The operation has more than ${most} ${what}; send fewer at once.`);
}
