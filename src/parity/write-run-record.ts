import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { NothingToCompare } from '../drift/comparison-scope.ts';
import { explanationLine } from '../errors/explanation.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { parityTables } from '../information-schema/own-tables.ts';
import { sourceNames } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import type { ParityClient } from './client.ts';
import { executedBy } from './executed-gtids.ts';
import { onBoth, type ParityClients } from './on-both.ts';
import {
  findRun,
  type KeptOptions,
  type RecordedTable,
  type RunOptions,
  tablesOfRun,
} from './read-run-record.ts';
import { makeRecordTables } from './record-tables.ts';
import type { ParityVerdict } from './report.ts';

const [runs, tables] = [quoteName(parityTables.runs), quoteName(parityTables.tables)];

/** The record of one run, on the first source that lets it be written. */
export interface RunRecord {
  readonly id: string;
  readonly options: RunOptions;
  /** Of a run that goes on: what it had found out. */
  readonly tables: ReadonlyMap<string, RecordedTable>;
  save(table: RecordedTable): Promise<void>;
  /** Shows that the run goes on. @returns false where a caller has cancelled it */
  beat(): Promise<boolean>;
  end(verdict: ParityVerdict): Promise<void>;
  /** Leaves it unfinished. */
  stop(state: 'CANCELLED' | 'ABORTED'): Promise<void>;
}

/** Runs that are kept. */
const runsKept = 50;
/** Differences of a table that are kept. */
export const differencesKept = 100;

/**
 * Begins a record. AZURE has it where it can be written, GCP otherwise: one of them may be a replica.
 *
 * @returns null where neither lets it be written
 */
export async function beginRecord(
  clients: ParityClients,
  options: RunOptions,
  tableCount: number,
): Promise<RunRecord | null> {
  // Before the first statement of the record, which may be replicated.
  const executed = await onBoth((side) => executedBy(clients[side]));
  for (const source of sourceNames) {
    const client = clients[source];
    try {
      const counting = countedBy(client);
      await makeRecordTables(counting);
      const id = randomUUID();
      const kept: KeptOptions = { ...options, tableCount, executed };
      await counting.run(
        `insert into ${runs} (id, state, options, account, host, started_at, seen_at) values (?, 'RUNNING', ?, current_user(), ?, utc_timestamp(3), utc_timestamp(3))`,
        [id, JSON.stringify(kept), hostname()],
      );
      await forgetOld(client, counting);
      return recordOf(counting, { id, options, tables: new Map() });
    } catch (error) {
      if (!(error instanceof TandemError) || !refusals.has(error.code)) throw error;
    }
  }
  return null;
}

/** An account without CREATE, or a server that takes no changes. */
const refusals: ReadonlySet<string> = new Set(['SOURCE_ACCESS_DENIED', 'READ_ONLY']);

/**
 * Goes on with the record of the last run, which did not end. The caller has the lock: no other process is at it.
 *
 * @throws NothingToCompare where the last run ended, or there is none
 */
export async function resumeRecord(clients: ParityClients): Promise<RunRecord> {
  const found = await onBoth((source) => findRun(clients[source]));
  const [last] = sourceNames
    .flatMap((source) => (found[source] === null ? [] : [{ ...found[source], source }]))
    .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  if (last === undefined || last.state === 'DONE')
    throw new NothingToCompare(
      explanationLine({
        cause: 'No run is left unfinished: the last one ended, or there was none.',
        remedy: 'begin one, without asking to resume.',
      }),
    );
  const { id, options } = last;
  const client = clients[last.source];
  await client.run(
    `update ${runs} set state = 'RUNNING', seen_at = utc_timestamp(3), ended_at = null where id = ?`,
    [id],
  );
  const known = await tablesOfRun(client, id);
  return recordOf(client, { id, options, tables: new Map(known.map((table) => [table.table, table])) });
}

/** A client that writes a record; with the number of its transactions where it has counted them all. */
interface RecordWriter extends Pick<ParityClient, 'run'> {
  readonly transactions?: number;
}

/** Counts what has a GTID: a statement that changes nothing has none. */
function countedBy(client: ParityClient): RecordWriter {
  let transactions = 0;
  return {
    async run(sql, values) {
      const outcome = await client.run(sql, values);
      transactions += outcome.transactions;
      return outcome;
    },
    get transactions() {
      return transactions;
    },
  };
}

function recordOf(client: RecordWriter, about: Pick<RunRecord, 'id' | 'options' | 'tables'>): RunRecord {
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
      // Matched rows count, changed or not: the driver asks for CLIENT_FOUND_ROWS.
      const { affectedRows } = await client.run(
        `update ${runs} set seen_at = utc_timestamp(3) where id = ? and state = 'RUNNING'`,
        [id],
      );
      return affectedRows > 0;
    },
    async end(verdict) {
      const { transactions = null } = client;
      const counted = transactions === null ? 'options' : "json_set(options, '$.ownTransactions', ?)";
      await client.run(
        `update ${runs} set state = 'DONE', verdict = ?, options = ${counted}, seen_at = utc_timestamp(3), ended_at = utc_timestamp(3) where id = ?`,
        [verdict, ...(transactions === null ? [] : [transactions]), id],
      );
    },
    stop: (state) => stopRun(client, id, state),
  };
}

/** Leaves a run unfinished that goes on, or went on until its process ended. */
async function stopRun(client: RecordWriter, id: string, state: 'CANCELLED' | 'ABORTED'): Promise<void> {
  await client.run(
    `update ${runs} set state = ?, seen_at = utc_timestamp(3), ended_at = utc_timestamp(3) where id = ? and state = 'RUNNING'`,
    [state, id],
  );
}

/** Cancels a run, whichever process is at it: that one sees it when it next writes. One that has ended stays as it is. */
export async function cancelRun(client: ParityClient, id: string): Promise<void> {
  await stopRun(client, id, 'CANCELLED');
}

async function forgetOld(client: ParityClient, writer: RecordWriter): Promise<void> {
  const [oldest] = await client.rows<{ at: string }>(
    `select cast(started_at as char) as at from ${runs} order by started_at desc limit 1 offset ${runsKept}`,
  );
  if (oldest === undefined) return;
  await writer.run(`delete from ${tables} where run_id in (select id from ${runs} where started_at <= ?)`, [
    oldest.at,
  ]);
  await writer.run(`delete from ${runs} where started_at <= ?`, [oldest.at]);
}
