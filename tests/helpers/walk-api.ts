import {
  buildClientSchema,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  getIntrospectionQuery,
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';
import type { TestServer } from './server.ts';

type Fields = Readonly<Record<string, GraphQLField<unknown, unknown>>>;

/**
 * Goes through all tables of an API, whatever they are: each list as a whole and by pages of one row in some orders and with the lists
 * below, each row by its key and its id, and each row changed to what it has.
 *
 * @returns what is not as it should be, each as a text
 */
export async function walkApi(server: TestServer, orders: number): Promise<string[]> {
  const schema = buildClientSchema((await server.ask(getIntrospectionQuery())).data as never);
  const queries = schema.getQueryType()?.getFields() as Fields;
  const mutations = (schema.getMutationType()?.getFields() ?? {}) as Fields;
  const problems: string[] = [];
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await server.ask(query, variables);
    if (errors) problems.push(`${query.slice(0, 200)}: ${errors[0]?.message}`);
    return errors ? null : data;
  };
  for (const [list, field] of Object.entries(queries)) {
    const connection = getNamedType(field.type) as GraphQLObjectType;
    if (!connection.name.endsWith('Connection') || list.endsWith('Compared')) continue;
    const row = getNamedType((connection.getFields() as Fields).nodes?.type) as unknown as GraphQLObjectType;
    const shown = shownOf(row);
    const data = await ask(`{ ${list}(source: AZURE, first: 1000) { totalCount nodes { ${shown} } } }`);
    if (data === null) continue;
    const { nodes, totalCount } = data[list];
    const texts: string[] = nodes.map((node: object) => JSON.stringify(node)).toSorted();
    if (totalCount !== texts.length) problems.push(`${list}: counts ${totalCount} of ${texts.length}`);
    for (const order of ['', ...ordersOf(field).slice(0, orders)]) {
      const paged = await pagesOf(ask, list, order, shown, texts.length);
      // What was refused is among the problems already.
      if (paged !== null && paged.toSorted().join() !== texts.join())
        problems.push(`${list}: pages in the order ${order}`);
    }
    const one = Object.values(queries).find(
      ({ type, args }) => getNamedType(type) === row && args.some(({ name }) => name === 'key'),
    );
    const keyType = one?.args.find(({ name }) => name === 'key')?.type;
    const update = mutations[`update${row.name}`];
    for (const { key, id, ...node } of one === undefined ? [] : nodes) {
      const found = await ask(
        `query ($key: ${keyType}, $id: ID!) { one: ${one?.name}(source: AZURE, key: $key) { id } node(id: $id) { id } }`,
        { key, id },
      );
      if (found?.one?.id !== id || found?.node?.id !== id)
        problems.push(`${list}: key ${JSON.stringify(key)}`);
      if (update === undefined) continue;
      const input = getNamedType(
        update.args.find(({ name }) => name === 'input')?.type,
      ) as unknown as GraphQLInputObjectType;
      const same = Object.keys(input.getFields()).filter((name) => isLeafOf(row, name));
      if (same.length === 0) continue;
      await ask(
        `mutation ($key: ${keyType}, $input: ${input.name}!) { ${update.name}(source: AZURE, key: $key, input: $input, expected: $input) { __typename } }`,
        { key, input: Object.fromEntries(same.map((name) => [name, node[name]])) },
      );
    }
  }
  return problems;
}

const isLeafOf = (row: GraphQLObjectType, name: string) =>
  isLeafType(getNamedType((row.getFields() as Fields)[name]?.type));

/** All columns, the keys, and the first rows of lists. */
function shownOf(row: GraphQLObjectType): string {
  return Object.values(row.getFields() as Fields)
    .map(({ name, type, args }) => {
      const named = getNamedType(type);
      if (args.some((argument) => argument.name === 'orderBy'))
        return `${name}(first: 2) { totalCount nodes { __typename } }`;
      if (isLeafType(named)) return name;
      if (name === 'key' && isObjectType(named)) return `key { ${shownOf(named)} }`;
      return isListType(type) || args.length > 0 ? '' : `${name} { __typename }`;
    })
    .join(' ');
}

function ordersOf({ args }: GraphQLField<unknown, unknown>): string[] {
  const orderBy = getNamedType(args.find(({ name }) => name === 'orderBy')?.type) as unknown as
    | GraphQLInputObjectType
    | undefined;
  return Object.values(orderBy?.getFields() ?? {})
    .filter(({ type }) => isEnumType(getNamedType(type)))
    .map(({ name }, at) => `{ ${name}: ${at % 2 === 0 ? 'ASC' : 'DESC'} }`);
}

// biome-ignore lint/suspicious/noExplicitAny: data of any query
type Ask = (query: string, variables?: Record<string, unknown>) => Promise<any>;

async function pagesOf(
  ask: Ask,
  list: string,
  order: string,
  shown: string,
  most: number,
): Promise<string[] | null> {
  const rows: string[] = [];
  // One document for all pages, as a client has it.
  const document = `query ($after: String) { ${list}(source: AZURE, first: 1, orderBy: [${order}], after: $after) {
    nodes { ${shown} } pageInfo { hasNextPage endCursor } } }`;
  let after: string | null = null;
  for (let page = 0; page <= most; page += 1) {
    const data = await ask(document, { after });
    if (data === null) return null;
    rows.push(...data[list].nodes.map((node: object) => JSON.stringify(node)));
    const { hasNextPage, endCursor } = data[list].pageInfo;
    if (!hasNextPage) break;
    after = endCursor;
  }
  return rows;
}
