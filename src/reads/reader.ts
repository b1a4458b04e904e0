import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import { TandemError } from '../errors/tandem-error.ts';
import type { Source } from '../sources/source.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { fetchRows, type Row } from './fetch.ts';
import { selectionOf } from './selection.ts';

/** Arguments of a connection field: https://relay.dev/graphql/connections.htm#sec-Arguments */
export interface PageRequest {
  readonly first: number;
  readonly after?: string | null;
}

/** A connection as plain data: https://relay.dev/graphql/connections.htm#sec-Connection-Types */
export interface Page {
  readonly nodes: readonly Row[];
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Rows at most a page. */
const maxPageSize = 1000;

/** Reads one source: plain rows, only what the operation selects, one statement a level. */
export interface Reader {
  /** A page in the order of the primary key. */
  page<T extends object>(
    entity: EntityClass<T>,
    request: PageRequest,
    info: GraphQLResolveInfo,
  ): Promise<Page>;
  /** One row, or null where the source has none with this key. `path`: where it stands below the field. */
  one<T extends object>(
    entity: EntityClass<T>,
    key: number,
    info: GraphQLResolveInfo,
    path?: readonly string[],
  ): Promise<Row | null>;
  /** Rows by their keys, in the order of the keys; what the source does not have is left out. */
  many<T extends object>(
    entity: EntityClass<T>,
    keys: readonly number[],
    info: GraphQLResolveInfo,
    path?: readonly string[],
  ): Promise<Row[]>;
}

export function createReader(source: Source): Reader {
  const metaOf = (entity: EntityClass<object>) =>
    source.orm.getMetadata().get(entity as never) as unknown as EntityMetadata;

  return {
    async page(entity, { first, after }, info) {
      if (first < 0 || first > maxPageSize) {
        throw new TandemError('BAD_USER_INPUT', {
          message: `first is ${first}; it can be 0 to ${maxPageSize}.`,
        });
      }
      const afterKey = after == null ? null : decodeCursor(after);
      if (first === 0) return toPage([], false, afterKey !== null);
      const selection = selectionOf(info, metaOf(entity), [['nodes'], ['edges', 'node']]);
      // One row more than asked for tells whether there is a next page.
      const rows = await source.read((em) =>
        fetchRows(em, source.name, selection, (builder) => {
          if (afterKey !== null) builder.where({ key: { $gt: afterKey } } as never);
          builder.orderBy({ key: 'asc' } as never).limit(first + 1);
        }),
      );
      return toPage(rows.slice(0, first), rows.length > first, afterKey !== null);
    },

    async one(entity, key, info, path = []) {
      const selection = selectionOf(info, metaOf(entity), [path]);
      const [row] = await source.read((em) =>
        fetchRows(em, source.name, selection, (builder) => builder.where({ key } as never)),
      );
      return row ?? null;
    },

    async many(entity, keys, info, path = []) {
      if (keys.length === 0) return [];
      const selection = selectionOf(info, metaOf(entity), [path]);
      const rows = await source.read((em) =>
        fetchRows(em, source.name, selection, (builder) =>
          builder.where({ key: { $in: [...keys] } } as never),
        ),
      );
      const byKey = new Map(rows.map((row) => [row.key, row]));
      return keys.flatMap((key) => byKey.get(key) ?? []);
    },
  };
}

function toPage(nodes: readonly Row[], hasNextPage: boolean, hasPreviousPage: boolean): Page {
  const cursorOf = (row: Row | undefined) => (row === undefined ? null : encodeCursor(row.key));
  return {
    nodes,
    // Getters: what is not asked for is not made.
    get edges() {
      return nodes.map((node) => ({ cursor: encodeCursor(node.key), node }));
    },
    get pageInfo() {
      const startCursor = cursorOf(nodes.at(0));
      return { hasNextPage, hasPreviousPage, startCursor, endCursor: cursorOf(nodes.at(-1)) };
    },
  };
}
