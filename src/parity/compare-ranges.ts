import type { SourceName } from '../source-name.ts';
import { ChunkSize } from './chunk-size.ts';
import { chunksOf } from './chunks.ts';
import type { TableObserver } from './difference.ts';
import type { KeyPlace, KeyRange } from './key-range.ts';
import { onBoth, type ParityClients } from './on-both.ts';
import { type Checksum, type HashedRow, type KeyedPair, tableStatementsOf } from './range-statements.ts';
import { Suspects } from './recheck-differences.ts';
import { summedChunks } from './summed-chunks.ts';
import type { Pace } from './throttle.ts';

export interface ComparisonOptions {
  readonly pace: Pace;
  readonly observer: TableObserver;
  /** Where to begin: after this key; null: with the first row. */
  readonly after: KeyPlace | null;
  /** A condition as SQL, which rows meet that are compared; absent: all are. */
  readonly filter?: string | undefined;
}

/** Rows of a chunk that are listed one by one where its checksums differ. */
const rowsListed = 2000;
/** How many rows that differ, and for how many milliseconds, wait to be looked at again. */
const mostSuspects = { rows: 5000, ms: 30_000 } as const;

/**
 * Compares a table by ranges of its key, both sides at once: the checksum of a chunk, then of its parts, then the hashes of
 * their rows. Rows that differ are looked at again until both sides stood still.
 */
export async function compareRanges(
  pair: KeyedPair,
  clients: ParityClients,
  { pace, observer, after, filter }: ComparisonOptions,
): Promise<void> {
  const statements = tableStatementsOf(pair, filter);
  const suspects = new Suspects(pair, clients, tableStatementsOf(pair));
  const size = new ChunkSize();
  let since = 0;

  const checksum = async (source: SourceName, range: KeyRange): Promise<Checksum> => {
    const [sum] = await clients[source].rows<Checksum>(statements[source].checksum(range));
    return sum as Checksum;
  };
  const chunks = (range: KeyRange, rows: () => number) =>
    summedChunks(chunksOf(pair, clients, { statements, range, rows }), {
      checksum,
      ahead: !pace.isThrottled,
    });
  const list = async (range: KeyRange) => {
    const rows = await onBoth((source) => clients[source].rows<HashedRow>(statements[source].rowsIn(range)));
    if (suspects.size === 0) since = performance.now();
    suspects.add(rows);
  };
  const settle = async () => {
    const { differences, hot } = await suspects.settle(pace);
    if (hot > 0) observer.hot(hot);
    if (differences.length > 0) await observer.differences(differences);
  };
  const isDue = () =>
    suspects.size >= mostSuspects.rows || (suspects.size > 0 && performance.now() - since > mostSuspects.ms);

  for await (const { range, sums, ms } of chunks({ after, upTo: null }, () => size.rows)) {
    const began = performance.now();
    const counts = { AZURE: Number(sums.AZURE.count), GCP: Number(sums.GCP.count) };
    const most = Math.max(counts.AZURE, counts.GCP);
    size.measured(most, ms);
    observer.read(counts);
    if (!isSame(sums)) {
      if (most <= rowsListed) await list(range);
      else await narrow(range);
    }
    if (isDue()) await settle();
    if (suspects.size === 0 && range.upTo !== null) await observer.reached(range.upTo);
    await pace.rest(ms + performance.now() - began);
  }
  await settle();

  async function narrow(range: KeyRange): Promise<void> {
    for await (const part of chunks(range, () => rowsListed)) {
      const began = performance.now();
      if (!isSame(part.sums)) await list(part.range);
      if (isDue()) await settle();
      await pace.rest(part.ms + performance.now() - began);
    }
  }
}

function isSame({ AZURE, GCP }: Record<SourceName, Checksum>): boolean {
  // Of no rows, the length of the hash is left to the server.
  return AZURE.count === GCP.count && (AZURE.count === '0' || AZURE.hash === GCP.hash);
}
