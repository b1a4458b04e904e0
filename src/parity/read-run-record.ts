import { isTableMissing } from '../errors/missing-table.ts';
import { parityTables } from '../information-schema/own-tables.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import type { Executed } from './executed-gtids.ts';
import type { KeyPlace } from './key-range.ts';
import type { ParityVerdict, TableParity } from './report.ts';
import type { RowsAsked } from './row-query.ts';

const [runs, tables] = [quoteName(parityTables.runs), quoteName(parityTables.tables)];

/** A table's part of a record. */
export interface RecordedTable extends TableParity {
  /** All up to this key is settled; null: nothing is. */
  readonly position: KeyPlace | null;
}

interface TableRow {
  readonly name: string;
  readonly verdict: ParityVerdict | null;
  readonly azure: string;
  readonly gcp: string;
  readonly different: string;
  readonly onlyAzure: string;
  readonly onlyGcp: string;
  readonly hot: string;
  readonly differences: string;
  readonly notes: string;
  readonly position: string | null;
}

const runId = /^[\da-f-]{36}$/;

function checkedId(id: string): string {
  if (!runId.test(id)) throw new Error('A run’s id is not written as one.');
  return id;
}

export async function tablesOfRun(asking: RowsAsked, id: string): Promise<RecordedTable[]> {
  const found = await asking.rows<TableRow>(
    `select table_name as name, verdict, cast(rows_azure as char) as azure, cast(rows_gcp as char) as gcp, cast(different as char) as different,
      cast(only_azure as char) as onlyAzure, cast(only_gcp as char) as onlyGcp, cast(hot as char) as hot,
      cast(differences as char) as differences, cast(notes as char) as notes, cast(position as char) as position
      from ${tables} where run_id = '${checkedId(id)}' order by table_name`,
  );
  return found.map((row) => ({
    table: row.name,
    verdict: row.verdict,
    rows: { AZURE: Number(row.azure), GCP: Number(row.gcp) },
    different: Number(row.different),
    onlyAzure: Number(row.onlyAzure),
    onlyGcp: Number(row.onlyGcp),
    hot: Number(row.hot),
    differences: JSON.parse(row.differences),
    notes: JSON.parse(row.notes),
    position: row.position === null ? null : JSON.parse(row.position),
  }));
}

/** The options of a run, as its record keeps them for `--resume`. */
export interface RunOptions {
  /** Patterns of names; empty: all tables. */
  readonly tables: readonly string[];
  /** Column, and the value from which on rows are compared. */
  readonly since: { readonly column: string; readonly value: string | null } | null;
}

/** The content of a record's column `options`. */
export interface KeptOptions extends RunOptions {
  readonly tableCount: number;
  /** Absent in records of earlier versions. */
  readonly executed?: Readonly<Record<SourceName, Executed>>;
  /** Transactions of the record itself after `executed`, but for the one that ends the run; absent where they were not all counted. */
  readonly ownTransactions?: number;
}

/** A run as its record shows it. */
export interface RecordedRun {
  readonly id: string;
  /** CANCELLED: by a caller. ABORTED: its process ended before it did. */
  readonly state: 'RUNNING' | 'DONE' | 'CANCELLED' | 'ABORTED';
  readonly verdict: ParityVerdict | null;
  readonly options: RunOptions;
  /** Whether it compares all rows of all tables. */
  readonly isWhole: boolean;
  /** Tables that it compares. */
  readonly tableCount: number;
  /** In UTC, as MySQL writes them. */
  readonly startedAt: string;
  readonly seenAt: string;
  readonly endedAt: string | null;
}

/** Which run is asked for: that of an id, or else the last one, or the last of those that compare all rows of all tables. */
export interface RunWanted {
  readonly id?: string | null | undefined;
  readonly whole?: boolean | undefined;
}

/** Seconds after which a run that has not been heard of counts as killed. */
const silentSeconds = 15;

const isWhole =
  "json_length(options, '$.tables') = 0 and json_type(json_extract(options, '$.since')) = 'NULL'";

interface RunRow extends Omit<RecordedRun, 'options' | 'isWhole' | 'tableCount'> {
  readonly options: string;
}

/** A run as far as one source knows; null where it knows none. */
export async function findRun(asking: RowsAsked, { id, whole }: RunWanted = {}): Promise<RecordedRun | null> {
  if (id != null && !runId.test(id)) return null;
  const which = id == null ? (whole ? isWhole : 'true') : `id = '${id}'`;
  const [run] = await asking
    .rows<RunRow>(
      `select id, if(state = 'RUNNING' and seen_at < utc_timestamp(3) - interval ${silentSeconds} second, 'ABORTED', state) as state, verdict,
        cast(options as char) as options, cast(started_at as char) as startedAt, cast(seen_at as char) as seenAt, cast(ended_at as char) as endedAt
        from ${runs} where ${which} order by started_at desc limit 1`,
    )
    .catch(orNoTable);
  if (run === undefined) return null;
  const { tables, since, tableCount } = JSON.parse(run.options) as KeptOptions;
  return {
    ...run,
    options: { tables, since },
    isWhole: tables.length === 0 && since === null,
    tableCount,
  };
}

/** How far a run is. */
export interface RunProgress {
  readonly tablesDone: number;
  /** On the side that has more. */
  readonly rows: number;
  readonly differences: number;
}

export async function progressOfRun(asking: RowsAsked, id: string): Promise<RunProgress> {
  const [sums] = await asking.rows<Record<keyof RunProgress, string>>(
    `select cast(count(verdict) as char) as tablesDone, cast(coalesce(sum(greatest(rows_azure, rows_gcp)), 0) as char) as \`rows\`,
      cast(coalesce(sum(different + only_azure + only_gcp), 0) as char) as differences from ${tables} where run_id = '${checkedId(id)}'`,
  );
  return {
    tablesDone: Number(sums?.tablesDone),
    rows: Number(sums?.rows),
    differences: Number(sums?.differences),
  };
}

/** A run that compared every table to its end. */
export interface WholeRun {
  readonly id: string;
  readonly verdict: ParityVerdict;
  /** Since it began: rows may have changed behind it. A run that was resumed began with its first part. */
  readonly secondsAgo: number;
  /** When `secondsAgo` was asked for, on the clock of `performance.now()`. */
  readonly askedAt: number;
  readonly recordedOn: SourceName;
  /** How far each server was when it began; null where the record does not have it. */
  readonly executed: Readonly<Record<SourceName, Executed>> | null;
  /** Of the record itself since, on the source that has it; null where that is not known. */
  readonly ownTransactions: number | null;
}

/** The last of them, whichever source has its record; null where there is none. */
export async function lastWholeRun(
  clients: Readonly<Record<SourceName, RowsAsked>>,
): Promise<WholeRun | null> {
  const askedAt = performance.now();
  const found = await Promise.all(
    sourceNames.map(async (recordedOn) => {
      const rows = await clients[recordedOn]
        .rows<{ id: string; verdict: ParityVerdict; ago: string; options: string }>(
          `select id, verdict, cast(timestampdiff(microsecond, started_at, utc_timestamp(6)) as char) as ago, cast(options as char) as options
            from ${runs} where state = 'DONE' and ${isWhole}
            order by started_at desc limit 1`,
        )
        .catch(orNoTable);
      return rows.map(({ id, verdict, ago, options }): WholeRun => {
        const { executed = null, ownTransactions } = JSON.parse(options) as KeptOptions;
        // The statement that ends the run comes after the count.
        const own = ownTransactions === undefined ? null : ownTransactions + 1;
        return {
          id,
          verdict,
          secondsAgo: Number(ago) / 1e6,
          askedAt,
          recordedOn,
          executed,
          ownTransactions: own,
        };
      });
    }),
  );
  const [last] = found.flat().toSorted((a, b) => a.secondsAgo - b.secondsAgo);
  return last ?? null;
}

/** The rows before the first run: none. */
function orNoTable(error: unknown): never[] {
  if (isTableMissing(error)) return [];
  throw error;
}

/** When the last run began that compared a table to its end, by the server's clock in UTC; null where there is none. */
export async function lastCompared(
  clients: Readonly<Record<SourceName, RowsAsked>>,
  table: string,
): Promise<string | null> {
  const starts = await Promise.all(
    sourceNames.map(async (source) => {
      const found = await clients[source]
        .rows<{ at: string | null; name: string }>(
          `select cast(max(r.started_at) as char) as at, t.table_name as name from ${runs} r join ${tables} t on t.run_id = r.id where r.state = 'DONE' and t.verdict is not null group by t.table_name`,
        )
        .catch(orNoTable);
      return found.find(({ name }) => name === table)?.at ?? null;
    }),
  );
  return (
    starts
      .filter((at) => at !== null)
      .toSorted()
      .at(-1) ?? null
  );
}
