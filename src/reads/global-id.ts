import type { RowKey } from '../column-types/table-key.ts';
import { type SourceName, sourceNames } from '../source-name.ts';

/** The parts of a row's `id`: its source, type and key. */
export interface GlobalId {
  readonly source: SourceName;
  readonly type: string;
  readonly key: RowKey;
}

/**
 * A row's `id`: unique among all types and both clouds, so that client caches never mix the clouds. Opaque to
 * clients, after Relay's Global Object Identification (https://relay.dev/graphql/objectidentification.htm).
 */
export function globalId(source: SourceName, type: string, key: RowKey): string {
  return Buffer.from(`${source}:${type}:${key}`).toString('base64url');
}

/**
 * The parts of an `id`; null for a text that `globalId` did not make.
 *
 * @param parsers read the text of a key, by types; null for one that no row of the type can have
 */
export function parseGlobalId(
  id: string,
  parsers: { get(type: string): ((text: string) => RowKey | null) | undefined },
): GlobalId | null {
  const [, name, type = '', text = ''] =
    /^(\w+):(\w+):(.*)$/s.exec(Buffer.from(id, 'base64url').toString()) ?? [];
  const source = sourceNames.find((known) => known === name);
  const key = parsers.get(type)?.(text) ?? null;
  if (source === undefined || key === null) return null;
  // Decoding overlooks what it does not know: only a text that comes out again is an id.
  return globalId(source, type, key) === id ? { source, type, key } : null;
}
