import type { SourceName } from '../source-name.ts';
import type { KeyPlace, KeyRange } from './key-range.ts';
import type { ParityClients } from './on-both.ts';
import {
  type KeyedPair,
  type KeyRow,
  placeOf,
  type RowEstimate,
  type TableStatements,
} from './range-statements.ts';

/**
 * Cuts a range of keys into pieces of about `rows()` rows on the side that has more. Boundaries are read from the index, so gaps
 * between keys cost nothing; both sides take turns, since that costs a scan.
 */
export async function* chunksOf(
  pair: KeyedPair,
  clients: ParityClients,
  {
    statements,
    range,
    rows,
  }: {
    readonly statements: Readonly<Record<SourceName, TableStatements>>;
    readonly range: KeyRange;
    readonly rows: () => number;
  },
): AsyncGenerator<KeyRange> {
  const keyAt = async (source: SourceName, within: KeyRange, offset: number): Promise<KeyPlace | null> => {
    const [row] = await clients[source].rows<KeyRow>(statements[source].keyAt(within, offset));
    return row === undefined ? null : placeOf(pair, row, source);
  };
  /** Whether a scan could find so many rows there: an estimate, which of a range without an end is but a statistic. */
  const mayHave = async (source: SourceName, within: KeyRange, count: number): Promise<boolean> => {
    if (within.upTo === null) return true;
    const [estimate] = await clients[source].rows<RowEstimate>(statements[source].estimate(within));
    return Number(estimate?.rows ?? 0) >= count;
  };
  let [leading, other]: [SourceName, SourceName] = ['AZURE', 'GCP'];
  const boundary = async (after: KeyPlace | null): Promise<KeyPlace | null> => {
    const count = rows();
    const [one, two] = [leading, other];
    [leading, other] = [two, one];
    const found = await keyAt(one, { after, upTo: range.upTo }, count - 1);
    // The other side may have many rows where this one has few, or none.
    const piece = { after, upTo: found ?? range.upTo };
    if (!(await mayHave(two, piece, 2 * count))) return found;
    return (await keyAt(two, piece, 2 * count - 1)) ?? found;
  };
  let { after } = range;
  for (;;) {
    const found = await boundary(after);
    yield { after, upTo: found ?? range.upTo };
    if (found === null) return;
    after = found;
  }
}
