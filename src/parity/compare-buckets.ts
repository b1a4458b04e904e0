import type { SourceName } from '../source-name.ts';
import { type BucketSum, bucketStatementsOf, type EqualRows } from './bucket-statements.ts';
import type { ComparisonOptions } from './compare-ranges.ts';
import type { ConfirmedDifference, DifferenceKind } from './difference.ts';
import { onBoth, type ParityClients } from './on-both.ts';
import { type HashedRow, type KeyedPair, tableStatementsOf } from './range-statements.ts';
import { Suspects } from './recheck-differences.ts';
import type { TablePair } from './table-pair.ts';

/** Rows of the buckets that are listed by one statement. */
const rowsListed = 20_000;
const looks = { still: 2, most: 6 } as const;

/**
 * Compares a table whose rows have no order that both sides share, by one statement a side: the checksums of its buckets. Those that
 * differ are listed.
 */
export async function compareBuckets(
  pair: TablePair,
  clients: ParityClients,
  { pace, observer, filter }: ComparisonOptions,
): Promise<void> {
  // A changed row meets a filter on one side only, and without a key the other side's row cannot be asked for.
  const statements = bucketStatementsOf(pair, pair.key === null ? 'true' : filter);
  const began = performance.now();
  const sums = await onBoth((source) => clients[source].rows<BucketSum>(statements[source].sums));
  observer.read({ AZURE: totalOf(sums.AZURE), GCP: totalOf(sums.GCP) });
  await pace.rest(performance.now() - began);
  for (const buckets of listsOf(sums)) {
    if (pair.key === null) await compareCounts(buckets);
    else await compareKeyed({ ...pair, key: pair.key }, buckets);
  }

  async function compareKeyed(keyed: KeyedPair, buckets: readonly string[]): Promise<void> {
    const suspects = new Suspects(keyed, clients, tableStatementsOf(keyed));
    suspects.add(
      await onBoth((source) => clients[source].rows<HashedRow>(statements[source].rowsIn(buckets))),
    );
    const { differences, hot } = await suspects.settle(pace);
    if (hot > 0) observer.hot(hot);
    if (differences.length > 0) await observer.differences(differences);
  }

  async function compareCounts(buckets: readonly string[]): Promise<void> {
    let before = new Map<string, Counts>();
    let still = 0;
    for (let look = 1; ; look++) {
      const listed = await onBoth((source) =>
        clients[source].rows<EqualRows>(statements[source].rowsIn(buckets)),
      );
      const now = differingCounts(listed);
      if (now.size === 0) return;
      const stood = new Map([...now].filter(([hash, counts]) => isSameCount(before.get(hash), counts)));
      still = stood.size === now.size ? still + 1 : 0;
      const isLast = look === looks.most;
      if (still >= looks.still || isLast) {
        if (stood.size < now.size) observer.hot(now.size - stood.size);
        if (stood.size > 0) await observer.differences([...stood].map(toDifference));
        return;
      }
      before = now;
      await pace.settle();
    }
  }
}

type Counts = Readonly<Record<SourceName, number>>;

function differingCounts({ AZURE, GCP }: Record<SourceName, readonly EqualRows[]>): Map<string, Counts> {
  const counts = new Map<string, Counts>(
    AZURE.map(({ hash, count }) => [hash, { AZURE: Number(count), GCP: 0 }]),
  );
  for (const { hash, count } of GCP) {
    counts.set(hash, { AZURE: counts.get(hash)?.AZURE ?? 0, GCP: Number(count) });
  }
  return new Map([...counts].filter(([, one]) => one.AZURE !== one.GCP));
}

const isSameCount = (a: Counts | undefined, b: Counts) => a?.AZURE === b.AZURE && a.GCP === b.GCP;

function toDifference([hash, rows]: readonly [string, Counts]): ConfirmedDifference {
  const kind: DifferenceKind = rows.GCP === 0 ? 'ONLY_AZURE' : rows.AZURE === 0 ? 'ONLY_GCP' : 'DIFFERENT';
  const hashes = { AZURE: rows.AZURE === 0 ? null : hash, GCP: rows.GCP === 0 ? null : hash };
  return { id: null, kind, key: null, columns: [], rows, place: null, hashes };
}

const totalOf = (sums: readonly BucketSum[]) => sums.reduce((total, { count }) => total + Number(count), 0);

/** The buckets that differ, in lists of as many rows as one statement may answer. */
function listsOf({ AZURE, GCP }: Record<SourceName, readonly BucketSum[]>): string[][] {
  const [azure, gcp] = [AZURE, GCP].map((sums) => new Map(sums.map((sum) => [sum.bucket, sum])));
  const names = [...new Set([...AZURE, ...GCP].map(({ bucket }) => bucket))].sort();
  const lists: string[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const [a, g] = [azure?.get(name), gcp?.get(name)];
    if (a?.count === g?.count && a?.hash === g?.hash) continue;
    if (rows >= rowsListed) {
      lists.push([]);
      rows = 0;
    }
    rows += Math.max(Number(a?.count ?? 0), Number(g?.count ?? 0));
    lists.at(-1)?.push(name);
  }
  return lists;
}
