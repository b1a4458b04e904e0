import { type SourceName, sourceNames } from '../source-name.ts';
import { type ConfirmedDifference, kindOfRow } from './difference.ts';
import type { KeyPlace } from './key-range.ts';
import { onBoth, type ParityClients } from './on-both.ts';
import {
  type HashedRow,
  type KeyedPair,
  placeOf,
  shownKey,
  type TableStatements,
} from './range-statements.ts';
import type { Pace } from './throttle.ts';

/** A row that was seen to differ, which two servers without a common snapshot prove nothing by. */
interface Suspect {
  readonly id: string;
  readonly place: KeyPlace;
  readonly key: Readonly<Record<string, string>>;
  hashes: Record<SourceName, string | null>;
  /** All that each side was seen to hold. */
  readonly images: Record<SourceName, Set<string | null>>;
  /** How often it was seen again as it was before. */
  still: number;
}

/** How often a row must be seen again unchanged, and at most be looked at. */
const times = { still: 2, looks: 8 } as const;
/** Rows of one statement. */
const rowsAtOnce = 400;

export interface SettledRows {
  readonly differences: readonly ConfirmedDifference[];
  /** How many changed each time; what followed the other side is none of them. */
  readonly hot: number;
}

/** Rows of one table that differ, kept until both sides stood still. */
export class Suspects {
  readonly #pair: KeyedPair;
  readonly #clients: ParityClients;
  readonly #statements: Readonly<Record<SourceName, TableStatements>>;
  #rows = new Map<string, Suspect>();

  /** @param statements without a filter: a row that changed may meet it on one side only */
  constructor(
    pair: KeyedPair,
    clients: ParityClients,
    statements: Readonly<Record<SourceName, TableStatements>>,
  ) {
    this.#pair = pair;
    this.#clients = clients;
    this.#statements = statements;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Takes in the rows of one range that are not the same on both sides. */
  add(listed: Readonly<Record<SourceName, readonly HashedRow[]>>): void {
    const rows = byId(listed);
    for (const [id, row] of rows.AZURE) this.#look(id, row, rows.GCP.get(id));
    for (const [id, row] of rows.GCP) if (!rows.AZURE.has(id)) this.#look(id, undefined, row);
  }

  #look(id: string, azure: HashedRow | undefined, gcp: HashedRow | undefined): void {
    const hashes = { AZURE: azure?.hash ?? null, GCP: gcp?.hash ?? null };
    if (hashes.AZURE === hashes.GCP) return;
    const [row, source] =
      azure === undefined ? [gcp as HashedRow, 'GCP' as const] : [azure, 'AZURE' as const];
    this.#rows.set(id, {
      id,
      place: placeOf(this.#pair, row, source),
      key: shownKey(this.#pair, row),
      hashes,
      images: { AZURE: new Set([hashes.AZURE]), GCP: new Set([hashes.GCP]) },
      still: 0,
    });
  }

  /** Looks at all of them again and again, until each is equal, has stood still, or is given up. */
  async settle(pace: Pace): Promise<SettledRows> {
    const differences: ConfirmedDifference[] = [];
    let hot = 0;
    for (let look = 1; this.#rows.size > 0; look++) {
      await pace.settle();
      const ids = [...this.#rows.keys()];
      for (let at = 0; at < ids.length; at += rowsAtOnce) {
        const some = ids.slice(at, at + rowsAtOnce);
        const now = await this.#read(some);
        const ended = some.filter((id) => this.#compare(id, { now, isLast: look === times.looks }));
        const rows = ended.map((id) => this.#rows.get(id) as Suspect);
        for (const id of ended) this.#rows.delete(id);
        const still = rows.filter((row) => !isEqual(row) && row.still >= times.still);
        hot += rows.filter((row) => !isEqual(row) && row.still < times.still && !follows(row)).length;
        differences.push(...(await this.#named(still)));
      }
    }
    return { differences, hot };
  }

  /** @returns whether there is nothing more to see of it */
  #compare(
    id: string,
    {
      now,
      isLast,
    }: { readonly now: Record<SourceName, ReadonlyMap<string, HashedRow>>; readonly isLast: boolean },
  ): boolean {
    const row = this.#rows.get(id) as Suspect;
    const before = row.hashes;
    row.hashes = { AZURE: now.AZURE.get(id)?.hash ?? null, GCP: now.GCP.get(id)?.hash ?? null };
    for (const source of sourceNames) row.images[source].add(row.hashes[source]);
    const stood = sourceNames.every((source) => row.hashes[source] === before[source]);
    row.still = stood ? row.still + 1 : 0;
    return isEqual(row) || row.still >= times.still || isLast;
  }

  async #read(ids: readonly string[]): Promise<Record<SourceName, Map<string, HashedRow>>> {
    const places = ids.map((id) => (this.#rows.get(id) as Suspect).place);
    return byId(
      await onBoth((source) =>
        this.#clients[source].rows<HashedRow>(this.#statements[source].rowsOf(places)),
      ),
    );
  }

  async #named(rows: readonly Suspect[]): Promise<ConfirmedDifference[]> {
    const there = rows.filter(({ hashes }) => hashes.AZURE !== null && hashes.GCP !== null);
    const columns = there.length === 0 ? new Map<string, string[]>() : await this.#columns(there);
    return rows.map(({ id, place, key, hashes }) => ({
      id,
      kind: kindOfRow(hashes),
      key,
      columns: columns.get(id) ?? [],
      rows: { AZURE: hashes.AZURE === null ? 0 : 1, GCP: hashes.GCP === null ? 0 : 1 },
      place,
      hashes,
    }));
  }

  /** Names of the columns that differ, by the identity of rows that both sides have. */
  async #columns(rows: readonly Suspect[]): Promise<Map<string, string[]>> {
    const places = rows.map(({ place }) => place);
    const found = await onBoth(async (source) => {
      const sql = this.#statements[source].columnsOf(places);
      return new Map(
        (await this.#clients[source].rows<Record<string, string>>(sql)).map((row) => [row.id as string, row]),
      );
    });
    const names = new Map<string, string[]>();
    for (const [id, azure] of found.AZURE) {
      const gcp = found.GCP.get(id);
      if (gcp === undefined) continue;
      const differing = this.#pair.columns.filter((_, at) => azure[`c${at}`] !== gcp[`c${at}`]);
      names.set(
        id,
        differing.map(({ name }) => name),
      );
    }
    return names;
  }
}

const byId = (listed: Readonly<Record<SourceName, readonly HashedRow[]>>) => ({
  AZURE: new Map(listed.AZURE.map((row) => [row.id, row])),
  GCP: new Map(listed.GCP.map((row) => [row.id, row])),
});

const isEqual = ({ hashes }: Suspect) => hashes.AZURE === hashes.GCP;

/** Whether one side holds what the other one held before: it comes after it, and differs by that alone. */
const follows = ({ hashes, images }: Suspect) => images.AZURE.has(hashes.GCP) || images.GCP.has(hashes.AZURE);
