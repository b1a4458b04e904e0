/** How many rows a chunk has, so that a statement of it takes about as long as it may. */
export class ChunkSize {
  rows = 1000;
  /** Milliseconds a row, of the last chunks. */
  #measured: number[] = [];

  /** Takes in how long a chunk took: it grows by a half at most, and shrinks at once. */
  measured(rows: number, ms: number): void {
    if (rows === 0) return;
    this.#measured = [...this.#measured, ms / rows].slice(-most);
    const slow = this.#measured.toSorted((a, b) => a - b)[Math.ceil(this.#measured.length * 0.9) - 1] ?? 0;
    const fitting = Math.floor(budgetMs / Math.max(slow, Number.MIN_VALUE));
    this.rows = Math.max(least, Math.min(fitting, Math.ceil(this.rows * 1.5), largest));
  }
}

/** Milliseconds that a statement may take. */
const budgetMs = 250;
const most = 10;
const least = 10;
const largest = 1_000_000;
