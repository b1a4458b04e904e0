import type { Table } from './table.ts';

/** What a section has to say, for a terminal as for documentation. */
export interface Report {
  readonly parts: readonly Part[];
}

interface Part {
  readonly title: string;
  readonly table: Table;
  /** A sentence below the table. */
  readonly note?: string;
  /** For the terminal alone, not for docs/performance.md. */
  readonly detail?: true;
}
