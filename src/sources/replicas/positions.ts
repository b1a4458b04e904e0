/** The transactions that the primary had executed at a time, by its GTIDs. */
export interface Position {
  readonly gtids: string;
  /** When the primary was asked, on the clock of `performance.now()`. It moves on while the primary executes nothing. */
  at: number;
}

/** The primary's answer to `positionQuery`. */
export interface PrimaryState {
  readonly gtids: string;
  readonly mode: string;
  readonly logs: number;
}

/** Any account may read these variables. */
export const positionQuery =
  'select @@global.gtid_executed as gtids, @@global.gtid_mode as mode, @@global.log_bin as logs';

/**
 * The GTIDs of all transactions of a primary; undefined where some have none, so that GTIDs do not tell what a replica lacks.
 * https://dev.mysql.com/doc/refman/8.4/en/replication-options-gtids.html
 */
export function gtidsOf({ gtids, mode, logs }: PrimaryState): string | undefined {
  const set = gtids.replace(/\s/g, '');
  // It becomes part of a statement.
  return mode === 'ON' && Number(logs) === 1 && /^[\w:,-]*$/.test(set) ? set : undefined;
}

/** Positions that are kept, the newest ones. */
const most = 8;

/** The positions of a primary, the newest first. */
export class Positions {
  readonly #all: Position[] = [];

  get all(): readonly Position[] {
    return this.#all;
  }

  add(gtids: string, at: number): void {
    const [newest] = this.#all;
    if (newest?.gtids === gtids) newest.at = at;
    else this.#all.unshift({ gtids, at });
    this.#all.length = Math.min(this.#all.length, most);
  }
}

/**
 * Asks a replica which of the positions it has reached: no right is needed for it, and no clock of a server is compared.
 * https://dev.mysql.com/doc/refman/8.4/en/gtid-functions.html#function_gtid-subset
 */
export function reachedQuery(positions: readonly Position[]): string {
  const columns = positions.map(
    ({ gtids }, at) => `gtid_subset('${gtids}', @@global.gtid_executed) as p${at}`,
  );
  return `select ${columns.join(', ')}`;
}

/** The newest of the positions that a replica has reached, by its answer; undefined: none. */
export function newestReached(
  positions: readonly Position[],
  row: Readonly<Record<string, unknown>>,
): Position | undefined {
  return positions.find((_, at) => Number(row[`p${at}`]) === 1);
}
