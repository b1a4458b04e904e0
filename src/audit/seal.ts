import { hash } from 'node:crypto';
import type { SourceName } from '../source-name.ts';

/** A row of the trail as the database has it: each column as text, `id` first. */
export type TrailRow = readonly [id: string, ...(string | null)[]];

/** A row that a seal covers, with the hash of what it held. */
export type SealedRow = readonly [id: string, digest: string];

/** A link of the chain: hashes of rows, under a hash that the link before is part of. */
export interface Seal {
  /** From 1 on, without gaps. */
  readonly number: number;
  /** UTC, by the clock of the database server. */
  readonly sealedAt: string;
  /** The hash of the seal before; zeros before the first. */
  readonly previous: string;
  /** The highest id of all rows that this seal and those before cover. */
  readonly highest: string;
  readonly entries: readonly SealedRow[];
  readonly hash: string;
}

/** The part of the last seal that the next one is made from. */
export type LastSeal = Pick<Seal, 'number' | 'hash' | 'highest'>;

/** The hash before the first seal. */
export const beginning = '0'.repeat(64);

/** The name of the hashed text's form: another form has another name. */
const form = 'tandem-audit-1';

export function digestOf(row: TrailRow): string {
  return hash('sha256', JSON.stringify(row), 'base64url');
}

/** Links rows to the seal before. */
export function sealRows(
  rows: readonly TrailRow[],
  {
    source,
    last,
    sealedAt,
  }: {
    readonly source: SourceName;
    /** Null: this is the first seal. */
    readonly last: LastSeal | null;
    readonly sealedAt: string;
  },
): Seal {
  const seal = {
    number: (last?.number ?? 0) + 1,
    sealedAt,
    previous: last?.hash ?? beginning,
    highest: highestOf(last?.highest ?? '0', ...rows.map(([id]) => id)),
    entries: rows.map((row): SealedRow => [row[0], digestOf(row)]),
  };
  return { ...seal, hash: sealHash(source, seal) };
}

/** The hash of a seal: over its source, its place, its time, the seal before, and its rows in their order. */
export function sealHash(
  source: SourceName,
  { number, sealedAt, previous, highest, entries }: Omit<Seal, 'hash'>,
): string {
  return hash('sha256', JSON.stringify([form, source, number, sealedAt, previous, highest, entries]), 'hex');
}

function highestOf(...ids: readonly string[]): string {
  return ids.reduce((one, other) => (BigInt(other) > BigInt(one) ? other : one));
}

/** A seal as it is exported: what must still be in the database later. */
export interface ExportedSeal {
  readonly source: SourceName;
  readonly number: number;
  readonly sealedAt: string;
  readonly rows: number;
  readonly hash: string;
}

export function exportedSeal(source: SourceName, { number, sealedAt, entries, hash }: Seal): ExportedSeal {
  return { source, number, sealedAt, rows: entries.length, hash };
}

/**
 * Reads exported seals, one JSON object a line. A process that was killed can leave the beginning of a line, which the next one writes again:
 * such a beginning is left out.
 *
 * @throws Error that names a line which is none
 */
export function parseExportedSeals(text: string): ExportedSeal[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const seal = tryToParse(line);
    if (typeof seal?.number === 'number' && typeof seal.hash === 'string') return [seal];
    const isTorn =
      at === lines.length - 1 || lines.some((other, later) => later > at && other.startsWith(line));
    if (isTorn) return [];
    throw new Error(`Line ${at + 1} of the exported seals is none.`);
  });
}

function tryToParse(line: string): ExportedSeal | null {
  try {
    return JSON.parse(line) as ExportedSeal | null;
  } catch {
    return null;
  }
}
