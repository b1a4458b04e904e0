import type { SourceName } from '../source-name.ts';

/**
 * A row's `id`: unique among all types and both clouds, so that client caches never mix the clouds. Opaque to
 * clients, after Relay's Global Object Identification (https://relay.dev/graphql/objectidentification.htm).
 */
export function globalId(source: SourceName, type: string, key: number): string {
  return Buffer.from(`${source}:${type}:${key}`).toString('base64url');
}
