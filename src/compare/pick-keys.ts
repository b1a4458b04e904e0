import type { RowKey } from '../column-types/table-key.ts';
import type { ComparedSide, PickedRows } from '../reads/compared-side.ts';
import type { PageRequest } from '../reads/page.ts';
import { keyOfRow } from '../reads/row.ts';
import type { SourceName } from '../source-name.ts';
import { type ComparedPlace, comparedPlace } from './cursor.ts';
import type { SidesAnswering } from './sides-answering.ts';

/** Keys of one page, in its order. */
export interface PickedPage {
  readonly keys: readonly PickedKey[];
  /** Whether there may be more behind them. */
  readonly more: boolean;
  /** Where the next page goes on; null for an empty page behind which nothing is. */
  readonly end: ComparedPlace | null;
}

interface PickedKey {
  readonly key: RowKey;
  readonly place: ComparedPlace;
}

interface PickRequest extends Pick<PageRequest, 'where' | 'orderBy' | 'first'> {
  readonly size: number;
  readonly start: ComparedPlace;
}

/** Keys of GCP that are looked up in AZURE at once: few at first, since most pages need none. */
const lookUps = { least: 64, most: 8192 } as const;
/** Keys that one page looks up at most. A page that has found too few by then ends there, and has more behind it. */
const mostLookedUp = 65_536;

/**
 * Picks the keys of a page: those that match in AZURE, in its order; then those that match in GCP alone, in the order of GCP. Each
 * key of either source has one place, so that pages show it once.
 *
 * Where AZURE does not answer, GCP stands in for it, from the same place on. Where GCP does not, the list ends with AZURE's rows.
 */
export async function pickKeys(
  sides: Readonly<Record<SourceName, ComparedSide>>,
  answering: SidesAnswering,
  { where, orderBy, first, size, start }: PickRequest,
): Promise<PickedPage> {
  const keys: PickedKey[] = [];
  let more = false;
  /** Where the look-ups have come to. */
  let lookedUpTo: ComparedPlace | null = null;

  const pick = (source: SourceName, after: ComparedPlace, most: number) =>
    answering.ask(source, () =>
      sides[source].pick({ where, orderBy, first, after: after.cursor } as PageRequest, most),
    );
  const keyOf = (row: PickedRows['rows'][number]) => keyOfRow(sides.AZURE.meta, row);
  const add = ({ rows, order }: PickedRows, of: SourceName) => {
    for (const row of rows) keys.push({ key: keyOf(row), place: comparedPlace(of, order, row) });
  };

  if (start.of === 'AZURE') {
    const leading = (await pick('AZURE', start, size + 1)) ?? (await pick('GCP', start, size + 1));
    if (leading !== null) add(leading, 'AZURE');
    more = keys.length > size;
  }
  if (!more && answering.unavailable.length === 0) await addThoseOfGcpAlone();
  if (start.of === 'GCP') answering.need();
  if (keys.length > size) {
    keys.length = size;
    more = true;
  }
  const last = keys.at(-1)?.place ?? null;
  // A page that the look-ups ended goes on behind them, not behind its last row.
  return { keys, more, end: more && keys.length < size ? lookedUpTo : last };

  async function addThoseOfGcpAlone(): Promise<void> {
    let after: ComparedPlace = start.of === 'GCP' ? start : { of: 'GCP', cursor: null };
    let lookedUp = 0;
    let most: number = Math.max(lookUps.least, size + 1);
    while (keys.length <= size) {
      if (lookedUp >= mostLookedUp) {
        more = true;
        lookedUpTo = after;
        return;
      }
      const found = await pick('GCP', after, most);
      if (found === null || found.rows.length === 0) return;
      const { rows, order } = found;
      const theirs = await answering.ask('AZURE', () => sides.AZURE.matching(where, rows.map(keyOf)));
      if (theirs === null) return;
      add({ order, rows: rows.filter((row) => !theirs.has(keyOf(row))) }, 'GCP');
      if (rows.length < most) return;
      after = comparedPlace('GCP', order, rows.at(-1) as (typeof rows)[number]);
      lookedUp += rows.length;
      most = Math.min(2 * most, lookUps.most);
    }
  }
}
