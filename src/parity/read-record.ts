import { isTableMissing } from '../errors/missing-table.ts';
import { parityTables } from '../information-schema/own-tables.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import type { KeyPlace } from './range.ts';
import type { ParityVerdict, TableParity } from './report.ts';

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

/** A client that asks for rows, such as the API's source. */
export interface RowsAsked {
  rows<R extends object>(sql: string): Promise<R[]>;
}

export async function tablesOfRun(asking: RowsAsked, id: string): Promise<RecordedTable[]> {
  if (!/^[\da-f-]{36}$/.test(id)) throw new Error('A run’s id is not written as one.');
  const found = await asking.rows<TableRow>(
    `select table_name as name, verdict, cast(rows_azure as char) as azure, cast(rows_gcp as char) as gcp, cast(different as char) as different,
      cast(only_azure as char) as onlyAzure, cast(only_gcp as char) as onlyGcp, cast(hot as char) as hot,
      cast(differences as char) as differences, cast(notes as char) as notes, cast(position as char) as position
      from ${tables} where run_id = '${id}' order by table_name`,
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

/** A run as its record shows it. */
export interface RecordedRun {
  readonly id: string;
  readonly state: 'RUNNING' | 'DONE';
  readonly verdict: ParityVerdict | null;
  /** In UTC, as MySQL writes them. */
  readonly startedAt: string;
  readonly seenAt: string;
  readonly endedAt: string | null;
}

/** The run that began last, as far as one source knows; null where it knows none. */
export async function lastRun(asking: RowsAsked): Promise<RecordedRun | null> {
  const [run] = await asking
    .rows<RecordedRun>(
      `select id, state, verdict, cast(started_at as char) as startedAt, cast(seen_at as char) as seenAt, cast(ended_at as char) as endedAt
        from ${runs} order by started_at desc limit 1`,
    )
    .catch(orNoTable);
  return run ?? null;
}

/** A run that compared every table to its end. */
export interface WholeRun {
  readonly verdict: ParityVerdict;
  /** Since its end. */
  readonly minutesAgo: number;
}

/** The last of them, whichever source has its record; null where there is none. */
export async function lastWholeRun(asked: readonly RowsAsked[]): Promise<WholeRun | null> {
  const found = await Promise.all(
    asked.map((one) =>
      one
        .rows<WholeRun>(
          `select verdict, timestampdiff(minute, ended_at, utc_timestamp(3)) as minutesAgo from ${runs}
            where state = 'DONE' and json_length(options, '$.tables') = 0 and json_type(json_extract(options, '$.since')) = 'NULL'
            order by ended_at desc limit 1`,
        )
        .catch(orNoTable),
    ),
  );
  const [last] = found.flat().toSorted((a, b) => a.minutesAgo - b.minutesAgo);
  return last === undefined ? null : { verdict: last.verdict, minutesAgo: Number(last.minutesAgo) };
}

/** What there is before the first run. */
export function orNoTable(error: unknown): never[] {
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
