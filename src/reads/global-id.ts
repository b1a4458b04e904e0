import { type SourceName, sourceNames } from '../source-name.ts';

/** The parts of a row's `id`: its source, type and key. */
export interface GlobalId {
  readonly source: SourceName;
  readonly type: string;
  readonly key: number;
}

/**
 * A row's `id`: unique among all types and both clouds, so that client caches never mix the clouds. Opaque to
 * clients, after Relay's Global Object Identification (https://relay.dev/graphql/objectidentification.htm).
 */
export function globalId(source: SourceName, type: string, key: number): string {
  return Buffer.from(`${source}:${type}:${key}`).toString('base64url');
}

/** The parts of an `id`; null for a text that `globalId` did not make, or with none of these types. */
export function parseGlobalId(id: string, types: { has(type: string): boolean }): GlobalId | null {
  const [name, type = '', digits] = Buffer.from(id, 'base64url').toString().split(':');
  const source = sourceNames.find((known) => known === name);
  const key = Number(digits);
  // Decoding overlooks what it does not know: only a text that comes out again is an id.
  const known = source !== undefined && types.has(type) && globalId(source, type, key) === id;
  return known && Number.isSafeInteger(key) ? { source, type, key } : null;
}
