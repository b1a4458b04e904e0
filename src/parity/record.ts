import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { TandemError } from '../errors/tandem-error.ts';
import { parityTables } from '../information-schema/own-tables.ts';
import { sourceNames } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import type { ParityClient } from './client.ts';
import type { ParityClients } from './on-both.ts';
import { orNoTable, type RecordedTable, tablesOfRun } from './read-record.ts';
import { makeRecordTables } from './record-tables.ts';
import type { ParityVerdict } from './report.ts';

const [runs, tables] = [quoteName(parityTables.runs), quoteName(parityTables.tables)];

/** What a run was asked for, as its record keeps it for `--resume`. */
export interface RunOptions {
  /** Patterns of names; empty: all tables. */
  readonly tables: readonly string[];
  /** Column, and the value from which on rows are compared. */
  readonly since: { readonly column: string; readonly value: string | null } | null;
}

/** The record of one run, on the first source that lets it be written. */
export interface RunRecord {
  readonly id: string;
  readonly options: RunOptions;
  /** Of a run that goes on: what it had found out. */
  readonly tables: ReadonlyMap<string, RecordedTable>;
  save(table: RecordedTable): Promise<void>;
  /** Shows that the run goes on. */
  beat(): Promise<void>;
  end(verdict: ParityVerdict): Promise<void>;
}

/** Seconds after which a run that has not been heard of counts as killed. */
const silentSeconds = 15;
/** Runs that are kept. */
const runsKept = 50;
/** Differences of a table that are kept. */
export const differencesKept = 100;

/**
 * Begins a record. AZURE has it where it can be written, GCP otherwise: one of them may be a replica.
 *
 * @returns null where neither lets it be written
 */
export async function beginRecord(clients: ParityClients, options: RunOptions): Promise<RunRecord | null> {
  for (const source of sourceNames) {
    const client = clients[source];
    try {
      await makeRecordTables(client);
      const id = randomUUID();
      await client.run(
        `insert into ${runs} (id, state, options, account, host, started_at, seen_at) values (?, 'RUNNING', ?, current_user(), ?, utc_timestamp(3), utc_timestamp(3))`,
        [id, JSON.stringify(options), hostname()],
      );
      await forgetOld(client);
      return recordOf(client, { id, options, tables: new Map() });
    } catch (error) {
      if (!(error instanceof TandemError) || !refusals.has(error.code)) throw error;
    }
  }
  return null;
}

/** An account without CREATE, or a server that takes no changes. */
const refusals: ReadonlySet<string> = new Set(['SOURCE_ACCESS_DENIED', 'READ_ONLY']);

/** There is no run to go on with, or it is still going on. */
class NothingToResume extends Error {
  override readonly name = 'NothingToResume';
}

/**
 * Goes on with the record of the last run that did not end.
 *
 * @throws NothingToResume
 */
export async function resumeRecord(clients: ParityClients): Promise<RunRecord> {
  for (const source of sourceNames) {
    const client = clients[source];
    const [run] = await client
      .rows<{ id: string; options: string; silent: string }>(
        `select id, cast(options as char) as options, cast(timestampdiff(second, seen_at, utc_timestamp(3)) as char) as silent from ${runs} where state = 'RUNNING' order by started_at desc limit 1`,
      )
      .catch(orNoTable);
    if (run === undefined) continue;
    if (Number(run.silent) < silentSeconds)
      throw new NothingToResume(
        `The run ${run.id} wrote its record ${run.silent} s ago: it is still going on. Next: wait for its end, or ${silentSeconds} s where it was killed.`,
      );
    const found = await tablesOfRun(client, run.id);
    return recordOf(client, {
      id: run.id,
      options: JSON.parse(run.options) as RunOptions,
      tables: new Map(found.map((table) => [table.table, table])),
    });
  }
  throw new NothingToResume('No run is left unfinished. Next: run `tandem parity` without --resume.');
}

function recordOf(client: ParityClient, about: Pick<RunRecord, 'id' | 'options' | 'tables'>): RunRecord {
  const { id } = about;
  return {
    ...about,
    async save({ table, verdict, rows, differences, notes, position, ...counts }) {
      const values = [
        verdict,
        rows.AZURE,
        rows.GCP,
        counts.different,
        counts.onlyAzure,
        counts.onlyGcp,
        counts.hot,
        JSON.stringify(differences),
        JSON.stringify(notes),
        position === null ? null : JSON.stringify(position),
      ];
      await client.run(
        `insert into ${tables} (run_id, table_name, verdict, rows_azure, rows_gcp, different, only_azure, only_gcp, hot, differences, notes, position)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as new
          on duplicate key update verdict = new.verdict, rows_azure = new.rows_azure, rows_gcp = new.rows_gcp, different = new.different,
            only_azure = new.only_azure, only_gcp = new.only_gcp, hot = new.hot, differences = new.differences, notes = new.notes, position = new.position`,
        [id, table, ...values],
      );
    },
    async beat() {
      await client.run(`update ${runs} set seen_at = utc_timestamp(3) where id = ?`, [id]);
    },
    async end(verdict) {
      await client.run(
        `update ${runs} set state = 'DONE', verdict = ?, seen_at = utc_timestamp(3), ended_at = utc_timestamp(3) where id = ?`,
        [verdict, id],
      );
    },
  };
}

async function forgetOld(client: ParityClient): Promise<void> {
  const [oldest] = await client.rows<{ at: string }>(
    `select cast(started_at as char) as at from ${runs} order by started_at desc limit 1 offset ${runsKept}`,
  );
  if (oldest === undefined) return;
  await client.run(`delete from ${tables} where run_id in (select id from ${runs} where started_at <= ?)`, [
    oldest.at,
  ]);
  await client.run(`delete from ${runs} where started_at <= ?`, [oldest.at]);
}
