import { z } from 'zod';
import type { AuditClient } from './client.ts';
import type { LastSeal, Seal, SealedRow, TrailRow } from './seal.ts';
import { sealTableOf, writeTableOf } from './tables.ts';

/** A time of a column as text, to the microsecond. */
export const timeText = (column: string) => `date_format(${column}, '%Y-%m-%d %H:%i:%s.%f')`;

/** In this order they are hashed. */
const columns = [
  'cast(id as char)',
  timeText('written_at'),
  'request_id',
  'subject',
  'issuer',
  'role',
  'source',
  'operation',
  'table_name',
  'cast(row_count as char)',
  'row_keys',
  'column_names',
];

const rowSelect = columns.map((column, at) => `${column} as c${at}`).join(', ');

/** Rows of the trail by their ids, in the order of the ids. */
export async function readRows({ run, database }: AuditClient, ids: readonly string[]): Promise<TrailRow[]> {
  if (ids.length === 0) return [];
  const rows = await run<Record<string, string | null>[]>(
    `select ${rowSelect} from ${writeTableOf(database)} where id in (${ids.map(() => '?').join(', ')}) order by id`,
    ids,
  );
  return rows.map((row) => columns.map((_, at) => row[`c${at}`] ?? null) as unknown as TrailRow);
}

/** Ids of rows from one on, in their order. */
export async function readIds(
  { run, database }: AuditClient,
  beyond: string,
  most: number,
): Promise<string[]> {
  // Under the name of the column, the text would be what ORDER BY means.
  const rows = await run<{ text: string }[]>(
    `select cast(id as char) as text from ${writeTableOf(database)} where id > ? order by id limit ${most}`,
    [beyond],
  );
  return rows.map(({ text }) => text);
}

const sealSelect = `number, ${timeText('sealed_at')} as sealedAt, previous, cast(highest_id as char) as highest, entries, hash`;

interface StoredSeal {
  readonly number: number | string;
  readonly sealedAt: string;
  readonly previous: string;
  readonly highest: string;
  readonly entries: string;
  readonly hash: string;
}

/** Seals behind a number, in their order; `entries` of one that was spoiled are none. */
export async function readSeals(
  { run, database }: AuditClient,
  behind: number,
  most: number,
): Promise<Seal[]> {
  const stored = await run<StoredSeal[]>(
    `select ${sealSelect} from ${sealTableOf(database)} where number > ? order by number limit ${most}`,
    [behind],
  );
  return stored.map((seal) => ({
    ...seal,
    number: Number(seal.number),
    entries: parseEntries(seal.entries),
  }));
}

const entryList = z.array(z.tuple([z.string().regex(/^\d{1,20}$/), z.string()]));

function parseEntries(text: string): SealedRow[] {
  try {
    return entryList.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

/** The last seal, or the last one up to a number; null where there is none. */
export async function readLastSeal(
  { run, database }: AuditClient,
  upTo: number = Number.MAX_SAFE_INTEGER,
): Promise<LastSeal | null> {
  const [seal] = await run<StoredSeal[]>(
    `select ${sealSelect} from ${sealTableOf(database)} where number <= ? order by number desc limit 1`,
    [upTo],
  );
  return seal === undefined ? null : { number: Number(seal.number), hash: seal.hash, highest: seal.highest };
}
