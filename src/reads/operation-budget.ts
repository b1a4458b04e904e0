import type { ReadRecord } from '../audit/read-record.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Allowance } from '../sources/pool/session.ts';

/** The limits of all filters, orders and cursors of one operation: no client that a person uses sends more. */
const filterLimits = { parts: 2000, values: 5000, bytes: 256 * 1024 } as const;

/** The default of `LIMIT_COST`: what one operation may take. */
const defaultValues = 100_000;
/** Bytes that all its rows may hold: an answer is made and written in one go, during which nothing else is served. */
const mostBytes = 8 * 2 ** 20;
/** The size of an answer that is written in several turns. */
const large = { values: 10_000, bytes: 2 ** 19 } as const;
/** Rows that a statement may read at least: with a small LIMIT, MySQL could prefer an index that serves the order alone. */
const leastRows = 1000;

/** Rows of one page at most, for every caller. */
const mostPageRows = 1000;

/** The size of filters, orders and cursors together. */
export interface FilterSize {
  readonly parts: number;
  readonly values: number;
  readonly bytes: number;
}

export function filterSizeBetween(before: FilterSize, after: FilterSize): FilterSize {
  return {
    parts: after.parts - before.parts,
    values: after.values - before.values,
    bytes: after.bytes - before.bytes,
  };
}

interface BudgetOptions {
  readonly reads?: ReadRecord | null;
  /** Rows of one page at most. */
  readonly pageRows?: number | undefined;
}

/**
 * The rest of an operation's budget on the server. All its fields take from the same budget, whichever cloud they ask.
 * A field for which too little is left fails with OPERATION_TOO_COMPLEX, before the memory is spent.
 */
export class Budget implements Allowance {
  /** Bytes that may still come from the databases; the session that receives some subtracts them. */
  bytes = mostBytes;
  /** Rows of one page at most. */
  readonly pageRows: number;
  /** The operation's reads, for the audit; null: it is not recorded. */
  readonly reads: ReadRecord | null;
  readonly #most: number;
  #left: number;
  #values = 0;
  #refusal: TandemError | undefined;
  #parts = 0;
  #operands = 0;
  #filterBytes = 0;

  /** @param values how many values the answer may hold: each row counts one, and each of its fields */
  constructor(values = defaultValues, { reads = null, pageRows = mostPageRows }: BudgetOptions = {}) {
    this.reads = reads;
    this.pageRows = pageRows;
    this.#most = values;
    this.#left = values;
  }

  /** How many rows of so many values each a statement has to read for it to be known whether they are too many. */
  rowsOf(values: number): number {
    return Math.max(leastRows, Math.floor(this.#left / values) + 1);
  }

  /** Whether so much has been read that to write it takes its time. */
  get isLarge(): boolean {
    return this.#values > large.values || mostBytes - this.bytes > large.bytes;
  }

  /** Whether so many values more can be taken. */
  has(values: number): boolean {
    return this.#refusal === undefined && this.#left >= values;
  }

  /** Values of the answer. */
  takeValues(count: number): void {
    this.#values += count;
    this.#left -= count;
    if (this.#left < 0) throw this.#refuse('cost', tooMany(this.#most, 'values'));
  }

  /** Takes the cost of a statement beside its rows (read-cost.ts). */
  takeScan(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw this.#refuse('cost', tooManyScans(this.#most));
  }

  /** Bytes of the answer that no database has to send again, such as those of a parent that many rows have. */
  takeBytes(count: number): void {
    this.bytes -= count;
    if (this.bytes < 0) throw this.exceeded();
  }

  /**
   * Refuses rows that are known to bring more bytes than are left, before the databases are asked for them.
   *
   * @param bytes of one row, beside its values in the answer
   */
  needBytes(bytes: number, rows: number): void {
    if (bytes * rows <= this.bytes) return;
    const fitting = Math.floor((0.9 * this.bytes) / bytes / 10) * 10;
    const message = `To compare ${rows} rows of so many columns takes more bytes than the operation may read; ask for fewer at once, such as first: ${fitting}.`;
    throw this.#refuse('bytes', message);
  }

  exceeded(): TandemError {
    return this.#refuse('bytes', tooMany(mostBytes, 'bytes'));
  }

  /**
   * Of an operation that has taken too much, nothing more is read.
   * @throws the error of that refusal
   */
  check(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** The size of the filters, orders and cursors taken so far. */
  get filterSize(): FilterSize {
    return { parts: this.#parts, values: this.#operands, bytes: this.#filterBytes };
  }

  /** Takes the size of filters that are known already. */
  takeFilters({ parts, values, bytes }: FilterSize): void {
    this.#takeParts(parts);
    this.#takeOperands(values);
    this.takeFilterBytes(bytes);
  }

  /** A part of a filter: a comparison, a list, or what holds others. */
  takePart(): void {
    this.#takeParts(1);
  }

  #takeParts(count: number): void {
    this.#parts += count;
    if (this.#parts > filterLimits.parts) throw this.#refuseFilters(filterLimits.parts, 'parts of filters');
  }

  /** A value that a filter compares with. */
  takeOperand(value: unknown): void {
    this.#takeOperands(1);
    this.takeFilterBytes(typeof value === 'string' ? Buffer.byteLength(value) : 8);
  }

  #takeOperands(count: number): void {
    this.#operands += count;
    if (this.#operands > filterLimits.values)
      throw this.#refuseFilters(filterLimits.values, 'values in filters');
  }

  /** Bytes of a value, or of a cursor. */
  takeFilterBytes(count: number): void {
    this.#filterBytes += count;
    if (this.#filterBytes > filterLimits.bytes) {
      throw this.#refuseFilters(filterLimits.bytes, 'bytes in filters and cursors');
    }
  }

  #refuseFilters(most: number, what: string): TandemError {
    return this.#refuse('filters', `The operation has more than ${most} ${what}; send fewer at once.`);
  }

  #refuse(limit: string, message: string): TandemError {
    this.#refusal = new TandemError('OPERATION_TOO_COMPLEX', { limit, message });
    return this.#refusal;
  }
}

function tooMany(most: number, what: 'values' | 'bytes'): string {
  const fewer = what === 'values' ? 'rows, fields or levels' : 'rows, or for fewer long texts';
  return `The answer would hold more than ${most} ${what}; ask for fewer ${fewer}.`;
}

function tooManyScans(most: number): string {
  return `The operation could read too many whole tables: they cost more than ${most}. Filter and order by what an index begins with, and count less at once.`;
}
