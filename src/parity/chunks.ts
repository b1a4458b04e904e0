import type { SourceName } from '../source-name.ts';
import type { ParityClients } from './on-both.ts';
import type { KeyPlace, KeyRange } from './range.ts';
import { type KeyedPair, type KeyRow, placeOf, type TableStatements } from './statements.ts';

/**
 * Cuts a range of keys into pieces of about `rows()` rows on the side that has more. Boundaries are read from the index, so gaps
 * between keys cost nothing. The next piece is looked for while the caller works on this one.
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
  const boundary = async (after: KeyPlace | null): Promise<KeyPlace | null> => {
    const count = rows();
    const azure = await keyAt('AZURE', { after, upTo: range.upTo }, count - 1);
    // The other side may have many rows where this one has few, or none.
    return (await keyAt('GCP', { after, upTo: azure ?? range.upTo }, 2 * count - 1)) ?? azure;
  };
  let { after } = range;
  let next = boundary(after);
  for (;;) {
    const found = await next;
    if (found !== null) {
      next = boundary(found);
      // It is awaited only when the caller has come so far.
      next.catch(() => {});
    }
    yield { after, upTo: found ?? range.upTo };
    if (found === null) return;
    after = found;
  }
}
