import { reasonOf } from './reason-of.ts';

/** Whether a statement failed since its table is not there (ER_NO_SUCH_TABLE), from the driver or behind a code of ours. */
export function isTableMissing(error: unknown): boolean {
  return reasonOf(error) === 'TABLE_MISSING';
}

/** The same, or a column of it is not there (ER_BAD_FIELD_ERROR): a migration that has not run yet makes either. */
export function isTableOrColumnMissing(error: unknown): boolean {
  return isTableMissing(error) || reasonOf(error) === 'COLUMN_MISSING';
}
