import type { ClassType } from 'type-graphql';
import { type TableNames, tableOf } from '../../entities/table.ts';
import { addKeyField } from '../types/key.ts';
import { listQueriesOf, rowQueriesOf } from './reads.ts';
import { tableMutationsOf } from './writes.ts';

/** The resolvers of a table; none of an entity without `@Table`. */
export function tableResolversOf(entity: ClassType<object>): readonly ClassType[] {
  const table: TableNames | undefined = tableOf(entity);
  if (table === undefined) return [];
  const lists = listQueriesOf(entity, table);
  if (table.isKeyless) return [lists];
  addKeyField(entity);
  const queries = [lists, rowQueriesOf(entity, table)];
  return table.readOnly ? queries : [...queries, ...tableMutationsOf(entity, table)];
}
