import type { EntityClass } from '@mikro-orm/core';
import type { GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import { Arg, type ClassType, Ctx, ID, Info, Query, Resolver } from 'type-graphql';
import { parseRowKey, type RowKey, tableKeyOf } from '../column-types/table-key.ts';
import type { Context } from '../context.ts';
import { entities } from '../entities/index.ts';
import { Node } from '../entities/node.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { type GlobalId, parseGlobalId } from '../reads/global-id.ts';
import type { Row } from '../reads/row.ts';

/** Those whose rows have keys. */
const named = entities.filter((entity) => !tableKeyOf(entity).isNone);

const entityOf: ReadonlyMap<string, EntityClass<object>> = new Map(
  named.map((entity) => [entity.name, entity]),
);

const keyParsers = new Map(
  named.map((entity) => [entity.name, (text: string) => parseRowKey(tableKeyOf(entity), text)]),
);

const maxIds = 100;

@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description: 'A row of any type, by its `id`; null where the source has none.',
  })
  node(
    @Arg('id', () => ID, { description: 'The `id` of a row.' }) id: string,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readNodes([id], context, info)[0];
  }

  @Query(() => [Node], {
    nullable: 'itemsAndList',
    description: 'Rows of any types, in the order of their ids; null where the source has none.',
  })
  nodes(
    @Arg('ids', () => [ID], { description: 'The ids of rows, at most 100.' }) ids: readonly string[],
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const most = Math.min(maxIds, context.budget.pageRows);
    if (ids.length > most) {
      throw new TandemError('BAD_USER_INPUT', {
        message: `ids has ${ids.length} ids; it can have ${most}.`,
      });
    }
    // Errors as items: graphql-js takes them for failures as it takes rejected promises, and rows that are there
    // already need not wait for it.
    return Promise.all(readNodes(ids, context, info).map((row) => row.catch((error: unknown) => error)));
  }
}

/**
 * One statement for each type and source that the ids name. A promise for each id: one that is no id, or whose
 * source is down, becomes null with an error of its own beside it, and the others stand.
 */
function readNodes(
  ids: readonly string[],
  { readers }: Context,
  info: GraphQLResolveInfo,
): readonly Promise<Row | null>[] {
  async function read({ source, type }: GlobalId, keys: readonly RowKey[]): Promise<Map<unknown, Row>> {
    const returnType = info.schema.getType(type) as GraphQLObjectType;
    const entity = entityOf.get(type) as EntityClass<object>;
    const rows = await readers[source].many(entity, keys, { ...info, returnType });
    const { place } = tableKeyOf(entity as ClassType);
    return new Map(rows.map((row) => [row[place], Object.assign(row, { __typename: type })]));
  }

  const wanted = ids.map((text) => {
    const id = parseGlobalId(text, keyParsers);
    // To a role that may not read a table, there is no such type.
    return id !== null && info.schema.getType(id.type) !== undefined ? id : null;
  });
  const tableOf = ({ source, type }: GlobalId) => `${source}:${type}`;
  const tables = new Map<string, Promise<Map<unknown, Row>>>();
  for (const [table, group] of Map.groupBy(
    wanted.filter((id) => id !== null),
    tableOf,
  )) {
    const keys = group.map(({ key }) => key);
    tables.set(table, read(group[0] as GlobalId, keys));
  }
  return wanted.map(async (id) => {
    if (id === null) {
      throw new TandemError('BAD_USER_INPUT', {
        // Which one, the error's path says; the text may be a patient's name.
        message: 'That is not an id: pass the `id` of a row that this API returned.',
      });
    }
    return (await tables.get(tableOf(id)))?.get(id.key) ?? null;
  });
}
