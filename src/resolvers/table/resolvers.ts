import type { ClassType } from 'type-graphql';
import { type TableNames, tableOf } from '../../entities/table.ts';
import { addKeyField } from '../types/key.ts';
import { tableMutationsOf } from './mutations.ts';
import { aggregateQueriesOf, comparedQueriesOf, listQueriesOf, rowQueriesOf } from './queries.ts';

/** The resolvers of a table; none of an entity without `@Table`. */
export function tableResolversOf(entity: ClassType<object>): readonly ClassType[] {
  const table: TableNames | undefined = tableOf(entity);
  if (table === undefined) return [];
  if (table.isKeyless) return [listQueriesOf(entity, table), aggregateQueriesOf(entity, table)];
  addKeyField(entity);
  // The schema lists them in this order.
  const queries = [listQueriesOf, rowQueriesOf, aggregateQueriesOf, comparedQueriesOf].map((of) =>
    of(entity, table),
  );
  return table.readOnly ? queries : [...queries, ...tableMutationsOf(entity, table)];
}
