import { type RawQueryFragment, raw } from '@mikro-orm/core';
import { quoteName } from '../sql/quote.ts';

/**
 * A codec's SQL for the query builder, with the column for each `??` of it, and parameters for each `?`.
 *
 * @param column its name, and before it the alias of its table, if any: `['row', 'first_name']`
 */
export function withColumn(
  sql: string,
  column: readonly string[],
  parameters: readonly unknown[] = [],
): RawQueryFragment {
  const name = column.map(quoteName).join('.');
  return raw(
    sql.replaceAll('??', () => name),
    [...parameters],
  ) as unknown as RawQueryFragment;
}
