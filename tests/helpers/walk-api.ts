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
type Row = Readonly<Record<string, unknown>>;

/** Rows that one operation asks for by name; each takes two root fields. */
const perOperation = 10;

/**
 * Goes through all tables of an API, whatever they are: each list as a whole, its aggregates, both clouds side by side, pages of one row
 * in some orders and with the lists below, each row by its key and its id; then each row is changed to what it has, and each that nothing
 * refers to is deleted and created again. Both clouds have to hold the same; AZURE is written.
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
  const again: (() => Promise<void>)[] = [];
  for (const [list, field] of Object.entries(queries)) {
    const connection = getNamedType(field.type) as GraphQLObjectType;
    if (
      !connection.name.endsWith('Connection') ||
      list.endsWith('Compared') ||
      !('nodes' in connection.getFields())
    )
      continue;
    const row = getNamedType((connection.getFields() as Fields).nodes?.type) as unknown as GraphQLObjectType;
    const shown = shownOf(row);
    const compared =
      queries[`${list}Compared`] === undefined ? '' : `${list}Compared(first: 1000) { nodes { status } }`;
    const data = await ask(
      `{ ${list}(source: AZURE, first: 1000) { totalCount nodes { ${shown} } } ${aggregateOf(list, queries)} ${compared} }`,
    );
    if (data === null) continue;
    const { nodes, totalCount } = data[list] as { nodes: Row[]; totalCount: number };
    const texts = nodes.map((node) => JSON.stringify(node)).toSorted();
    const [{ count } = { count: -1 }] = data[`${list}Aggregate`];
    if (totalCount !== texts.length || count !== texts.length)
      problems.push(`${list}: counts ${totalCount} and ${count} of ${texts.length}`);
    const states: { status: string }[] = compared === '' ? [] : data[`${list}Compared`].nodes;
    if (compared !== '' && states.length !== texts.length)
      problems.push(`${list}: compares ${states.length}`);
    if (states.some(({ status }) => status !== 'SAME')) problems.push(`${list}: ${JSON.stringify(states)}`);
    const ordered = ['', ...ordersOf(field).slice(0, orders)];
    // One that is refused fails all of them: then each is asked alone.
    const pages =
      (await pagesOf(ask, list, ordered, shown, texts.length)) ??
      (await Promise.all(
        ordered.map(async (order) => (await pagesOf(ask, list, [order], shown, texts.length))?.[0]),
      ));
    for (const [at, rows] of pages.entries()) {
      if (rows !== undefined && rows.toSorted().join() !== texts.join())
        problems.push(`${list}: pages in the order ${ordered[at]}`);
    }
    const one = Object.values(queries).find(
      ({ type, args }) => getNamedType(type) === row && args.some(({ name }) => name === 'key'),
    );
    if (one === undefined) continue;
    await namedOf(ask, one, nodes, problems);
    const update = mutations[`update${row.name}`];
    if (update !== undefined) await updateAll(ask, update, row, nodes);
    again.push(() =>
      createAgain(server, { row, shown, keyType: keyTypeOf(one) }, mutations, nodes, problems),
    );
  }
  // What was created has other keys where MySQL numbers them.
  for (const create of again) await create();
  return problems;
}

// biome-ignore lint/suspicious/noExplicitAny: data of any query
type Ask = (query: string, variables?: Record<string, unknown>) => Promise<any>;

const keyTypeOf = ({ args }: GraphQLField<unknown, unknown>) =>
  String(args.find(({ name }) => name === 'key')?.type);

function inputOf(mutation: GraphQLField<unknown, unknown>): GraphQLInputObjectType {
  return getNamedType(
    mutation.args.find(({ name }) => name === 'input')?.type,
  ) as unknown as GraphQLInputObjectType;
}

/** Each row by its key and by its id. */
async function namedOf(
  ask: Ask,
  one: GraphQLField<unknown, unknown>,
  nodes: readonly Row[],
  problems: string[],
) {
  for (let from = 0; from < nodes.length; from += perOperation) {
    const part = nodes.slice(from, from + perOperation);
    const declared = part.map((_, at) => `$k${at}: ${keyTypeOf(one)}, $i${at}: ID!`).join(', ');
    const fields = part.map(
      (_, at) => `k${at}: ${one.name}(source: AZURE, key: $k${at}) { id } i${at}: node(id: $i${at}) { id }`,
    );
    const found = await ask(
      `query (${declared}) { ${fields.join(' ')} }`,
      Object.fromEntries(
        part.flatMap(({ key, id }, at) => [
          [`k${at}`, key],
          [`i${at}`, id],
        ]),
      ),
    );
    for (const [at, { key, id }] of part.entries()) {
      if (found?.[`k${at}`]?.id !== id || found?.[`i${at}`]?.id !== id)
        problems.push(`${one.name}: key ${JSON.stringify(key)}`);
    }
  }
}

/** Each row gets what it has, and has to have it. */
async function updateAll(
  ask: Ask,
  update: GraphQLField<unknown, unknown>,
  row: GraphQLObjectType,
  nodes: readonly Row[],
) {
  const input = inputOf(update);
  const same = Object.keys(input.getFields()).filter((name) => isLeafOf(row, name));
  if (same.length === 0) return;
  for (let from = 0; from < nodes.length; from += perOperation) {
    const part = nodes.slice(from, from + perOperation);
    const declared = part.map((_, at) => `$k${at}: ${keyTypeOf(update)}, $v${at}: ${input.name}!`).join(', ');
    const fields = part.map(
      (_, at) =>
        `u${at}: ${update.name}(source: AZURE, key: $k${at}, input: $v${at}, expected: $v${at}) { __typename }`,
    );
    await ask(
      `mutation (${declared}) { ${fields.join(' ')} }`,
      Object.fromEntries(
        part.flatMap((node, at) => [
          [`k${at}`, node.key],
          [`v${at}`, Object.fromEntries(same.map((name) => [name, node[name]]))],
        ]),
      ),
    );
  }
}

/** Deletes each row that may be deleted, and creates it again with all that it had. */
async function createAgain(
  server: TestServer,
  { row, shown, keyType }: { row: GraphQLObjectType; shown: string; keyType: string },
  mutations: Fields,
  nodes: readonly Row[],
  problems: string[],
) {
  const [create, remove] = [mutations[`create${row.name}`], mutations[`delete${row.name}`]];
  if (create === undefined || remove === undefined) return;
  const given = Object.keys(inputOf(create).getFields()).filter(
    (name) => isLeafOf(row, name) || isLeafOf(row, name.replace(/Key$/, ''), isObjectType),
  );
  const payload = Object.keys((getNamedType(create.type) as GraphQLObjectType).getFields())[0] as string;
  for (const node of nodes.filter((each) => !isReferredTo(row, given, each))) {
    const { errors } = await server.ask(
      `mutation ($key: ${keyType}) { ${remove.name}(source: AZURE, key: $key) { id } }`,
      { key: node.key },
    );
    if (errors?.[0]?.extensions.code === 'REFERENCED') continue;
    if (errors) problems.push(`${remove.name}: ${errors[0]?.message}`);
    const heldBy = (name: string) =>
      isLeafOf(row, name) ? node[name] : ((node[name.replace(/Key$/, '')] as Row | null)?.key ?? null);
    const input = Object.fromEntries(given.map((name) => [name, heldBy(name)]));
    const created = await server.ask(
      `mutation ($input: ${inputOf(create).name}!) { ${create.name}(source: AZURE, input: $input) { ${payload} { ${shown} } } }`,
      { input },
    );
    if (created.errors) {
      problems.push(`${create.name} ${JSON.stringify(input)}: ${created.errors[0]?.message}`);
      continue;
    }
    const back = created.data[create.name][payload] as Row;
    for (const name of given) {
      const [was, is] = [
        heldBy(name),
        isLeafOf(row, name) ? back[name] : ((back[name.replace(/Key$/, '')] as Row | null)?.key ?? null),
      ];
      if (JSON.stringify(was) !== JSON.stringify(is))
        problems.push(`${create.name}: ${name} was ${JSON.stringify(was)} and is ${JSON.stringify(is)}`);
    }
  }
}

/** Whether rows refer to it, which deleting it could take along. */
function isReferredTo(row: GraphQLObjectType, given: readonly string[], node: Row): boolean {
  return Object.values(row.getFields() as Fields).some(({ name, type }) => {
    const held = node[name] as { totalCount?: number } | null | undefined;
    if (name === 'key' || held == null || isLeafType(getNamedType(type))) return false;
    return held.totalCount === undefined ? !given.includes(`${name}Key`) : held.totalCount > 0;
  });
}

const isLeafOf = (row: GraphQLObjectType, name: string, isKind: (type: unknown) => boolean = isLeafType) => {
  const field = (row.getFields() as Fields)[name];
  return field !== undefined && field.args.length === 0 && isKind(getNamedType(field.type));
};

/** All columns, the keys also of rows that to-one relations lead to, and the first rows of lists. */
function shownOf(row: GraphQLObjectType): string {
  return Object.values(row.getFields() as Fields)
    .map(({ name, type, args }) => {
      const named = getNamedType(type);
      if (args.some((argument) => argument.name === 'orderBy'))
        return `${name}(first: 2) { totalCount nodes { __typename } }`;
      if (isLeafType(named)) return name;
      if (name === 'key' && isObjectType(named)) return `key { ${shownOf(named)} }`;
      return isListType(type) || args.length > 0 ? '' : `${name} { ${keyOf(named as GraphQLObjectType)} }`;
    })
    .join(' ');
}

function keyOf(row: GraphQLObjectType): string {
  const key = (row.getFields() as Fields).key;
  if (key === undefined) return '__typename';
  const type = getNamedType(key.type);
  return isObjectType(type) ? `key { ${shownOf(type)} }` : 'key';
}

/** All functions of all columns. */
function aggregateOf(list: string, queries: Fields): string {
  const type = getNamedType(queries[`${list}Aggregate`]?.type) as GraphQLObjectType;
  const functions = Object.values(type.getFields() as Fields).map((field) => {
    const of = getNamedType(field.type);
    return isObjectType(of) ? `${field.name} { ${Object.keys(of.getFields()).join(' ')} }` : field.name;
  });
  return `${list}Aggregate(source: AZURE) { ${functions.join(' ')} }`;
}

function ordersOf({ args }: GraphQLField<unknown, unknown>): string[] {
  const orderBy = getNamedType(args.find(({ name }) => name === 'orderBy')?.type) as unknown as
    | GraphQLInputObjectType
    | undefined;
  return Object.values(orderBy?.getFields() ?? {})
    .filter(({ type }) => isEnumType(getNamedType(type)))
    .map(({ name }, at) => `{ ${name}: ${at % 2 === 0 ? 'ASC' : 'DESC'} }`);
}

/** The rows of each order, read by pages of one; all orders in one operation, whose text stays the same. Null where it is refused. */
async function pagesOf(ask: Ask, list: string, orders: readonly string[], shown: string, most: number) {
  const rows = orders.map((): string[] => []);
  const after: Record<string, string | null> = {};
  const ended = new Set<number>();
  const declared = orders.map((_, at) => `$a${at}: String`).join(', ');
  const fields = orders.map(
    (order, at) =>
      `p${at}: ${list}(source: AZURE, first: 1, orderBy: [${order}], after: $a${at}) { nodes { ${shown} } pageInfo { hasNextPage endCursor } }`,
  );
  for (let page = 0; page <= most && ended.size < orders.length; page += 1) {
    const data = await ask(`query (${declared}) { ${fields.join(' ')} }`, after);
    if (data === null) return null;
    for (const at of orders.keys()) {
      if (ended.has(at)) continue;
      const { nodes, pageInfo } = data[`p${at}`];
      rows[at]?.push(...nodes.map((node: object) => JSON.stringify(node)));
      if (!pageInfo.hasNextPage) ended.add(at);
      after[`a${at}`] = pageInfo.endCursor;
    }
  }
  return rows;
}
