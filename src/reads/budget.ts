import { TandemError } from '../errors/tandem-error.ts';

/** What the filters, orders and cursors of one operation may hold together: more is no question that a person asks. */
const questionLimits = { parts: 2000, values: 5000, bytes: 256 * 1024 } as const;

/**
 * What is left for one operation to take of the server. All its fields take from the same budget, whichever cloud they ask;
 * a field for which too little is left fails with OPERATION_TOO_COMPLEX, before the memory is spent, and so does what comes after it.
 */
export class Budget {
  #parts = 0;
  #values = 0;
  #bytes = 0;

  /** A part of a filter: a comparison, a list, or what holds others. */
  part(): void {
    this.#parts += 1;
    if (this.#parts > questionLimits.parts) refuse('filters', 'parts of filters', questionLimits.parts);
  }

  /** A value that a filter compares with. */
  operand(value: unknown): void {
    this.#values += 1;
    if (this.#values > questionLimits.values) refuse('filters', 'values in filters', questionLimits.values);
    this.questionBytes(typeof value === 'string' ? Buffer.byteLength(value) : 8);
  }

  /** Bytes of a value, or of a cursor. */
  questionBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > questionLimits.bytes) {
      refuse('filters', 'bytes in filters and cursors', questionLimits.bytes);
    }
  }
}

function refuse(limit: string, what: string, most: number): never {
  throw new TandemError('OPERATION_TOO_COMPLEX', {
    limit,
    message: `The operation has more than ${most} ${what}; send fewer at once.`,
  });
}
