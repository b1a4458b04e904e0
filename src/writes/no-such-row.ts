import type { EntityMetadata } from '@mikro-orm/core';
import type { RowKey } from '../column-types/table-key.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';

export function noSuchRow(source: SourceName, { className }: EntityMetadata, key: RowKey): TandemError {
  return new TandemError('NOT_FOUND', {
    source,
    // Any other key may be personal data.
    message: `${source} has no ${className} with ${typeof key === 'number' ? `the key ${key}` : 'that key'}.`,
  });
}
