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
  return withExpression(sql, column.map(quoteName).join('.'), parameters);
}

/** The same with an expression of SQL for each `??`. */
export function withExpression(
  sql: string,
  expression: string,
  parameters: readonly unknown[] = [],
): RawQueryFragment {
  return raw(
    sql.replaceAll('??', () => expression),
    [...parameters],
  ) as unknown as RawQueryFragment;
}
