import type { EntityMetadata } from '@mikro-orm/core';
import type { TandemError } from '../errors/tandem-error.ts';
import { unreadableValue } from '../errors/unreadable-value.ts';
import type { SourceName } from '../source-name.ts';
import { globalId } from './global-id.ts';
import type { Row } from './row.ts';
import type { Selection } from './selection.ts';

/** Makes what MySQL returned what the API returns. */
export function completeRow(row: Row, source: SourceName, selection: Selection): Row {
  row.source = source;
  if (selection.id) row.id = globalId(source, selection.meta.className, row.key);
  return row;
}

/** A foreign key leads nowhere where rows were written without foreign_key_checks. To GraphQL, it is the field's error. */
export function orphan(
  source: SourceName,
  { className }: EntityMetadata,
  { key }: Row,
  field: string,
): TandemError {
  const row = `${className} ${key} (id ${globalId(source, className, key)})`;
  return unreadableValue(`The ${field} of ${row} is not there, which it must be.`, source);
}
