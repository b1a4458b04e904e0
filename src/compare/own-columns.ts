import type { EntityMetadata } from '@mikro-orm/core';
import type { Context } from '../context.ts';
import type { ColumnModel } from '../information-schema/model.ts';
import { readColumns } from '../information-schema/read-columns.ts';
import type { SourceName } from '../source-name.ts';
import { inTime } from '../sources/operation-deadline.ts';
import type { Source } from '../sources/source.ts';

/** The columns by which values of a table are compared, in one source. */
export interface OwnColumns {
  readonly columns: readonly ColumnModel[];
  /** Bytes: `max_allowed_packet`. */
  readonly packet: number;
}

/** Milliseconds for which an answer is good for others who ask: a migration may change a column at any time. */
const freshMs = 1000;

const asked = new WeakMap<
  Source,
  Map<string, { readonly until: number; readonly found: Promise<OwnColumns> }>
>();

/**
 * The columns of an entity's table as a source has them, which may be others than the entity says. Its catalogue is asked at most
 * once a second, however many ask.
 * @throws TandemError where it does not answer
 */
export function ownColumnsOf(
  { caller, sources }: Pick<Context, 'caller' | 'sources'>,
  name: SourceName,
  { tableName }: EntityMetadata,
): Promise<OwnColumns> {
  const source = sources[name];
  let known = asked.get(source);
  if (known === undefined) {
    known = new Map();
    asked.set(source, known);
  }
  let entry = known.get(tableName);
  if (entry === undefined || performance.now() > entry.until) {
    entry = {
      until: performance.now() + freshMs,
      found: source.read((em) => readColumns(em, tableName)),
    };
    known.set(tableName, entry);
  }
  return inTime(caller, entry.found, name);
}
