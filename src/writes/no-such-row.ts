import type { EntityMetadata } from '@mikro-orm/core';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';

export function noSuchRow(source: SourceName, { className }: EntityMetadata, key: number): TandemError {
  return new TandemError('NOT_FOUND', {
    source,
    message: `${source} has no ${className} with the key ${key}.`,
  });
}
