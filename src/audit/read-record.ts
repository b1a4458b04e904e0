import type { SourceName } from '../source-name.ts';

/** The rows that one operation has read of one table. */
export interface TableRead {
  readonly source: SourceName;
  readonly table: string;
  /** Rows that the answer holds; 0 where they were only counted, filtered by or aggregated. */
  readonly rows: number;
  /** The first 1000 of their keys, for a table whose keys are audited. */
  readonly keys?: readonly unknown[];
}

interface Entry {
  readonly source: SourceName;
  readonly table: string;
  rows: number;
  readonly keys: unknown[] | null;
}

/** Keys of one table that one event names. */
const mostKeys = 1000;

/** The reads of one operation: of each source, the tables and the numbers of rows. */
export class ReadRecord {
  readonly #withKeys: ReadonlySet<string>;
  readonly #entries = new Map<string, Entry>();

  /** @param withKeys tables whose keys are audited */
  constructor(withKeys: ReadonlySet<string>) {
    this.#withKeys = withKeys;
  }

  /** A statement names these tables. */
  touch(source: SourceName, tables: readonly string[]): void {
    for (const table of tables) this.#entry(source, table);
  }

  /** The answer holds these rows. */
  take<R extends object>(
    source: SourceName,
    table: string,
    rows: readonly R[],
    keyOf: (row: R) => unknown = (row) => (row as { readonly key?: unknown }).key,
  ): void {
    const entry = this.#entry(source, table);
    entry.rows += rows.length;
    const { keys } = entry;
    if (keys === null) return;
    for (let at = 0; at < rows.length && keys.length < mostKeys; at += 1) keys.push(keyOf(rows[at] as R));
  }

  get tables(): readonly TableRead[] {
    return Array.from(this.#entries.values(), ({ keys, ...entry }) => ({ ...entry, ...(keys && { keys }) }));
  }

  #entry(source: SourceName, table: string): Entry {
    const name = `${source} ${table}`;
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { source, table, rows: 0, keys: this.#withKeys.has(table) ? [] : null };
      this.#entries.set(name, entry);
    }
    return entry;
  }
}
