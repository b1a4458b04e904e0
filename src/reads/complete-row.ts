import type { EntityMetadata } from '@mikro-orm/core';
import type { RowKey } from '../column-types/table-key.ts';
import type { TandemError } from '../errors/tandem-error.ts';
import { unreadableValue } from '../errors/unreadable-value.ts';
import type { SourceName } from '../source-name.ts';
import { globalId } from './global-id.ts';
import { keyOfRow, type Row } from './row.ts';
import type { Selection } from './selection.ts';

/** Makes what MySQL returned what the API returns. */
export function completeRow(row: Row, source: SourceName, selection: Selection): Row {
  row.source = source;
  if (selection.id) row.id = globalId(source, selection.meta.className, row[selection.place] as RowKey);
  return row;
}

/** A foreign key leads nowhere where rows were written without foreign_key_checks. To GraphQL, it is the field's error. */
export function orphan(source: SourceName, meta: EntityMetadata, row: Row, field: string): TandemError {
  const which = rowText(source, meta.className, keyOfRow(meta, row));
  return unreadableValue(`The ${field} of ${which} is not there, which it must be.`, source);
}

/** How an error names a row. A key that is no number may be personal data: the id alone tells it, to one who has the row. */
export function rowText(source: SourceName, type: string, key: RowKey): string {
  const id = globalId(source, type, key);
  return typeof key === 'number' ? `${type} ${key} (id ${id})` : `the ${type} with the id ${id}`;
}
