import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Source } from '../sources/source.ts';
import {
  type Aggregate,
  type AggregateRequest,
  aggregateFunctions,
  aggregateRows,
  countRows,
} from './aggregate.ts';
import { among, type Connection, fetchRows, type Row } from './fetch.ts';
import { type Page, type PageRequest, planPage } from './page.ts';
import { below, namesAt, selectionAt, spotOf } from './selection.ts';
import { createStatements } from './statement.ts';

/** Reads one source: plain rows, only what the operation selects, one statement a level. */
export interface Reader {
  /** A page of a table. The total is counted, in a statement of its own, only where it is asked for. */
  page(entity: EntityClass<object>, request: PageRequest, info: GraphQLResolveInfo): Promise<Page>;
  /** Counts, extremes, averages and sums of the rows that a filter lets through, as a whole or by group. */
  aggregate(
    entity: EntityClass<object>,
    request: AggregateRequest,
    info: GraphQLResolveInfo,
  ): Promise<readonly Aggregate[]>;
  /** One row, or null where the source has none with this key. `path`: where it stands below the field. */
  one(
    entity: EntityClass<object>,
    key: number,
    info: GraphQLResolveInfo,
    path?: readonly string[],
  ): Promise<Row | null>;
  /** Rows by their keys, in the order of the keys; what the source does not have is left out. */
  many(
    entity: EntityClass<object>,
    keys: readonly number[],
    info: GraphQLResolveInfo,
    path?: readonly string[],
  ): Promise<Row[]>;
}

export function createReader(source: Source): Reader {
  const metaOf = (entity: EntityClass<object>) =>
    source.orm.getMetadata().get(entity as never) as unknown as EntityMetadata;
  const connection: Connection = {
    source: source.name,
    statement: createStatements(source.orm.em.fork()),
    run: source.select,
  };

  async function byKeys(
    entity: EntityClass<object>,
    keys: readonly number[],
    info: GraphQLResolveInfo,
    path: readonly string[],
  ): Promise<Row[]> {
    if (keys.length === 0) return [];
    const selection = selectionAt(info, metaOf(entity), [below(info, spotOf(info), path)]);
    return fetchRows(connection, selection, among('key', keys));
  }

  return {
    async page(entity, request, info) {
      const meta = metaOf(entity);
      const plan = planPage(meta, request);
      const spot = spotOf(info);
      const edges = below(info, spot, ['edges']);
      const asked = namesAt(info, spot);
      const cursors = asked.has('pageInfo') || (edges !== null && namesAt(info, edges).has('cursor'));
      const selection = selectionAt(
        info,
        meta,
        [below(info, spot, ['nodes']), edges && below(info, edges, ['node'])],
        cursors ? plan.order.map(({ property }) => property) : [],
      );
      const needsRows = asked.has('nodes') || edges !== null || asked.has('pageInfo');
      const [rows, totalCount] = await Promise.all([
        needsRows ? fetchRows(connection, selection, plan.range) : [],
        asked.has('totalCount') ? countRows(connection, meta, plan.whole) : undefined,
      ]);
      return plan.toPage(rows, totalCount);
    },

    aggregate(entity, request, info) {
      const spot = spotOf(info);
      const fields = aggregateFunctions.map((name) => {
        const at = below(info, spot, [name]);
        return [name, at === null ? [] : [...namesAt(info, at)]] as const;
      });
      return aggregateRows(connection, metaOf(entity), request, new Map(fields));
    },

    async one(entity, key, info, path = []) {
      const [row] = await byKeys(entity, [key], info, path);
      return row ?? null;
    },

    async many(entity, keys, info, path = []) {
      const byKey = new Map((await byKeys(entity, keys, info, path)).map((row) => [row.key, row]));
      return keys.flatMap((key) => byKey.get(key) ?? []);
    },
  };
}
