import fc from 'fast-check';
import {
  buildSchema,
  type ExecutionResult,
  execute,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/graphql/compiled/operation.ts';
import { variablesOf } from '../../src/graphql/compiled/variables.ts';
import { typeNameOf } from '../../src/graphql/type-name.ts';

type Resolvers = Readonly<Record<string, (arguments_: Record<string, unknown>) => unknown>>;

function schemaOf(resolvers: Resolvers) {
  const schema = buildSchema(`
    interface Thing { id: ID! }
    enum Colour { RED BLUE }
    type Row implements Thing {
      id: ID!
      key: Int!
      name: String
      share: Float
      done: Boolean
      colour: Colour
      parent: Row
      must: Row!
      children: [Row!]!
      tags: [String]
    }
    input Filter { name: String, keys: [Int!], colour: Colour, sub: Filter, list: [Filter], sure: Sure }
    input Sure { must: Int!, size: Int! = 3, more: Int = 4 }
    type Query {
      row(key: Int! = 7, name: String, filter: Filter): Row
      other(key: Int): Row
      sure: Row!
      rows: [Row!]
      things: [Thing]!
      own: Own
    }
    type Own { made: String }
    type Mutation { first(key: Int): Row, second: Row }
  `);
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      field.resolve = (_root, given) => resolvers[field.name]?.(given);
    }
  }
  const thing = schema.getType('Thing') as { resolveType?: unknown };
  thing.resolveType = typeNameOf;
  const own = schema.getType('Own') as unknown as { getFields(): { made: { resolve: () => string } } };
  own.getFields().made.resolve = () => 'by a resolver';
  return schema;
}

const row = (key: number, more: object = {}) => ({ id: `r${key}`, key, name: `Row ${key}`, ...more });

interface Case {
  readonly resolvers: Resolvers;
  readonly document: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** What both ways of execution answer; `compiled` is null where an operation is left to graphql-js. */
async function both({ resolvers, document: text, variables: given = {}, operationName }: Case) {
  const schema = schemaOf(resolvers);
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document, operationName) as OperationDefinitionNode;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  expect(coerced).toBeDefined();
  expect(variablesOf(schema, operation)(given)).toEqual(coerced);
  const definition = { schema, document, operation, operationName: operationName ?? null };
  const compiled = compile(definition, coerced as Record<string, unknown>);
  const interpreted = await execute({
    schema,
    document,
    operationName: operationName ?? null,
    variableValues: given,
  });
  return {
    interpreted: plain(interpreted),
    compiled: compiled && plain(await compiled({}, { given, coerced: coerced as Record<string, unknown> })),
  };
}

/** As JSON, in which clients see it: the order of fields counts, too. That of errors is nobody's. */
const plain = ({ data, errors }: ExecutionResult) =>
  JSON.stringify({ data, errors: errors?.map((error) => JSON.stringify(error)).toSorted() });

const cases: Readonly<Record<string, Case>> = {
  'a row': { resolvers: { row: () => row(1) }, document: '{ row { id key name } }' },
  'no row': { resolvers: { row: () => null }, document: '{ row { id } }' },
  'an absent value': { resolvers: { row: () => ({ id: 'a' }) }, document: '{ row { id name } }' },
  aliases: { resolvers: { row: () => row(1) }, document: '{ a: row { b: key c: key name } }' },
  'fields in the order of the document': {
    resolvers: { row: () => row(1) },
    document: '{ row { name key id } }',
  },
  __typename: { resolvers: { row: () => row(1) }, document: '{ row { kind: __typename __typename } }' },
  '__typename of a promise': {
    resolvers: { rows: () => [Promise.resolve(row(1))] },
    document: '{ rows { __typename } }',
  },
  '__typename of an error': {
    resolvers: { rows: () => [row(1), new Error('broken')] },
    document: '{ rows { __typename } }',
  },
  'merged fields': {
    resolvers: { row: () => row(1, { parent: row(2) }) },
    document:
      '{ row { parent { id } ...More } row { parent { key } } } fragment More on Row { parent { name } }',
  },
  lists: {
    resolvers: {
      rows: () => [
        row(1, { children: [row(2), row(3)], tags: ['a', null] }),
        row(4, { children: [], tags: null }),
      ],
    },
    document: '{ rows { key children { key } tags } }',
  },
  'a list that is none': { resolvers: { rows: () => 'text' }, document: '{ rows { key } }' },
  'an iterable': { resolvers: { rows: () => new Set([row(1)]) }, document: '{ rows { key } }' },
  'a null where there is none': {
    resolvers: { rows: () => [row(1), { ...row(2), key: null }] },
    document: '{ rows { key } }',
  },
  'a null deep below': {
    resolvers: { row: () => row(1, { parent: row(2, { must: null }) }) },
    document: '{ row { key parent { must { key } } } }',
  },
  'a null that takes all with it': {
    resolvers: { sure: () => null, row: () => row(1) },
    document: '{ row { key } sure { key } }',
  },
  'a promise below': {
    resolvers: { row: () => row(1, { parent: Promise.resolve(row(2)) }) },
    document: '{ row { parent { key } } }',
  },
  'a function below': {
    resolvers: { row: () => row(1, { name: () => 'called' }) },
    document: '{ row { name } }',
  },
  'values of other types': {
    resolvers: {
      row: () => ({ id: 5, key: '12', name: 9, share: '0.5', done: 1, colour: 'RED' }),
    },
    document: '{ row { id key name share done colour } }',
  },
  'values that cannot be': {
    resolvers: { row: () => ({ id: 'a', key: 1, share: Number.NaN, colour: 5, done: 'yes' }) },
    document: '{ row { share colour done } }',
  },
  'an Int that is too large': { resolvers: { row: () => row(2 ** 40) }, document: '{ row { key } }' },
  'all kinds of leaves': {
    resolvers: { row: () => row(-1, { share: 0.5, done: false, colour: 'BLUE' }) },
    document: '{ row { share done colour } }',
  },
  'an error that is thrown': {
    resolvers: {
      row: () => {
        throw new Error('thrown');
      },
      other: () => row(1),
    },
    document: '{ row { key } other { key } }',
  },
  'an error that is no Error': {
    resolvers: { row: () => Promise.reject('text') },
    document: '{ row { key } }',
  },
  'an error that is returned': {
    resolvers: { row: () => new Error('returned') },
    document: '{ row { key } }',
  },
  'an error of a field that is not null': {
    resolvers: { sure: () => Promise.reject(new Error('broken')), row: () => row(1) },
    document: '{ row { key } sure { key } }',
  },
  'an error beside a null that cannot be': {
    resolvers: { other: () => Promise.reject(new Error('broken')), row: () => ({ key: null }) },
    document: '{ other { key } row { key } }',
  },
  'rows of an interface': {
    resolvers: { things: () => [row(1, { __typename: 'Row' }), null] },
    document: '{ things { id __typename ... on Row { key } } }',
  },
  'an error among rows of an interface': {
    resolvers: { things: () => [row(1, { __typename: 'Row' }), new Error('broken')] },
    document: '{ things { id } }',
  },
  'a row of no type': { resolvers: { things: () => [row(1)] }, document: '{ things { id } }' },
  'arguments with a default': {
    resolvers: { row: ({ key }) => row(key as number) },
    document: '{ row { key } }',
  },
  'a literal argument': {
    resolvers: { row: ({ key }) => row(key as number) },
    document: '{ row(key: 3) { key } }',
  },
  'a variable': {
    resolvers: { row: ({ key, name }) => row(key as number, { name: name ?? 'none' }) },
    document: 'query ($key: Int!, $name: String) { row(key: $key, name: $name) { key name } }',
    variables: { key: 4 },
  },
  'a variable that is null': {
    resolvers: { row: (given) => row(1, { name: JSON.stringify(given) }) },
    document: 'query ($name: String) { row(name: $name) { name } }',
    variables: { name: null },
  },
  'an absent variable, where there is a default': {
    resolvers: { row: (given) => row(1, { name: JSON.stringify(given) }) },
    document: 'query ($key: Int) { row(key: $key) { name } }',
  },
  'a null variable, where there may be none': {
    resolvers: { row: () => row(1) },
    document: 'query ($key: Int) { row(key: $key) { name } other { key } }',
    variables: { key: null },
  },
  'variables inside an object': {
    resolvers: { row: (given) => row(1, { name: JSON.stringify(given) }) },
    document: 'query ($name: String, $key: Int!) { row(filter: { name: $name, keys: [$key] }) { name } }',
    variables: { key: 2 },
  },
  ...Object.fromEntries(
    [
      ['{ name: $name, keys: [$key, 3] }', { key: 2, name: 'a' }],
      ['{ name: $name, keys: [$key] }', { key: 2 }],
      ['{ name: $name, sub: { keys: $keys } }', { key: 2, name: null, keys: [1, 2] }],
      [
        '{ name: "a", sub: { colour: RED, name: $name }, list: [{ name: $name }, { keys: 4 }] }',
        { key: 2, name: 'b' },
      ],
      ['{ list: { name: $name } }', { key: 2, name: 'b' }],
      ['{ sure: { must: $key } }', { key: 2 }],
      ['{ sure: { must: $key, size: 5, more: $maybe } }', { key: 2 }],
      ['{ sure: { must: $key, size: 5, more: $maybe } }', { key: 2, maybe: null }],
      ['{ sure: { must: $maybe, size: 5, more: 1 } }', { key: 2, maybe: null }],
      ['{ sure: { must: $maybe, size: $maybe, more: 1 } }', { key: 2, maybe: 7 }],
      ['{ sub: $filter }', { key: 2, filter: { name: 'c' } }],
      ['{ sub: $filter, colour: $constructor }', { key: 2, filter: null }],
      ['{ sub: $filter, colour: $constructor }', { key: 2, constructor: 'BLUE' }],
    ].map(([filter, variables]): [string, Case] => [
      `the filter ${filter} of ${JSON.stringify(variables)}`,
      {
        resolvers: { row: (given) => row(1, { name: JSON.stringify(given) }) },
        document: `query ($name: String, $key: Int = 1, $keys: [Int!], $maybe: Int = 8, $filter: Filter, $constructor: Colour) {
          row(filter: ${filter}) { name }
          ${[
            'name: $name',
            'key: $key',
            'filter: { keys: $keys, colour: $constructor, sub: $filter, sure: { must: 1, more: $maybe } }',
          ]
            .map((argument, at) => `a${at}: row(${argument}) { name }`)
            .join('\n')}
        }`,
        variables: variables as Record<string, unknown>,
      },
    ]),
  ),
  'a selection that a variable decides': {
    resolvers: { row: () => row(1) },
    document:
      'query ($no: Boolean!, $yes: Boolean!) { row { id @include(if: $no) key @include(if: $yes) name @skip(if: $yes) } }',
    variables: { no: false, yes: true },
  },
  'a root field that is left out': {
    resolvers: { row: () => row(1), other: () => row(2) },
    document: '{ row @skip(if: true) { id } other { id } }',
  },
  'no field at all': { resolvers: { row: () => row(1) }, document: '{ row @skip(if: true) { id } }' },
  'one of several operations': {
    resolvers: { row: () => row(1), other: () => row(2) },
    document: 'query A { row { id } } query B { other { id } }',
    operationName: 'B',
  },
};

describe('compiled execution answers what graphql-js answers', () => {
  it.each(Object.entries(cases))('%s', async (_name, about) => {
    const { compiled, interpreted } = await both(about);
    expect(compiled).not.toBeNull();
    expect(compiled).toBe(interpreted);
  });

  it.each([
    ['a resolver below the root', '{ own { made } }'],
    ['introspection', '{ __schema { queryType { name } } row { id } }'],
    ['the prototype’s name', '{ __proto__: row { id } }'],
    ['the prototype’s name below', '{ row { __proto__: key } }'],
  ])('leaves %s to it', async (_name, document) => {
    const { compiled } = await both({ resolvers: { own: () => ({}), row: () => row(1) }, document });
    expect(compiled).toBeNull();
  });

  it.each<[string, unknown]>([
    ['Int', '1'],
    ['Int', 1.5],
    ['Int', 2 ** 31],
    ['Int', true],
    ['Int!', null],
    ['Int!', undefined],
    ['String', 1],
    ['String!', null],
    ['ID', 1.5],
    ['Boolean', 'true'],
    ['Colour', 'GREEN'],
    ['Colour', 'red'],
    ['Colour!', 0],
    ['Colour!', null],
    ['[Int!]', [null]],
    ['Filter', { nothing: 1 }],
  ])('finds that a variable of the type %s can not be %j', (type, value) => {
    const schema = schemaOf({});
    const document = parse(`query ($a: ${type}) { other { id } }`);
    const operation = getOperationAST(document) as OperationDefinitionNode;
    expect(variablesOf(schema, operation)(value === undefined ? {} : { a: value })).toBeUndefined();
  });

  it('gives each request what the document says, whatever a resolver tried with it', async () => {
    const seen: unknown[] = [];
    const schema = schemaOf({
      row({ filter }) {
        seen.push((filter as { name: string }).name);
        (filter as { name: string }).name = 'changed';
        return row(1);
      },
    });
    const document = parse('{ row(filter: { name: "a" }) { key } }');
    const operation = getOperationAST(document) as OperationDefinitionNode;
    const compiled = compile({ schema, document, operation, operationName: null }, {});
    for (let time = 0; time < 2; time++) {
      const result = await compiled?.({}, { given: {}, coerced: {} });
      expect(result?.errors?.[0]?.message).toContain('read only');
    }
    expect(seen).toEqual(['a', 'a']);
  });

  it('runs the fields of a mutation one after another, those after a failure, too', async () => {
    const order: string[] = [];
    const slow = async (name: string, fails = false) => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
      return row(1);
    };
    const schema = schemaOf({ first: () => slow('first', true), second: () => slow('second') });
    const document = parse('mutation { first { key } second { key } }');
    const operation = getOperationAST(document) as OperationDefinitionNode;
    const compiled = compile({ schema, document, operation, operationName: null }, {});
    const result = await compiled?.({}, { given: {}, coerced: {} });
    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
    expect(result?.data).toEqual({ first: null, second: { key: 1 } });
    expect(result?.errors).toHaveLength(1);
  });

  it('runs no resolver twice where graphql-js completes', async () => {
    let times = 0;
    const schema = schemaOf({
      first: () => {
        times += 1;
        return { key: null };
      },
    });
    const document = parse('mutation { first { key } }');
    const operation = getOperationAST(document) as OperationDefinitionNode;
    const compiled = compile({ schema, document, operation, operationName: null }, {});
    const result = await compiled?.({}, { given: {}, coerced: {} });
    expect(result?.errors?.[0]?.message).toContain('Cannot return null');
    expect(times).toBe(1);
  });

  it('starts the fields of a query together', async () => {
    let running = 0;
    let most = 0;
    const together = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return row(1);
    };
    const schema = schemaOf({ row: together, other: together });
    const document = parse('{ row { key } other { key } }');
    const operation = getOperationAST(document) as OperationDefinitionNode;
    const compiled = compile({ schema, document, operation, operationName: null }, {});
    await compiled?.({}, { given: {}, coerced: {} });
    expect(most).toBe(2);
  });
});

describe('variables are coerced as graphql-js coerces them', () => {
  const fields = [
    'name',
    'keys',
    'colour',
    'sub',
    'list',
    'sure',
    'must',
    'size',
    'more',
    'other',
    'toString',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom(null, 'a', 'RED', 'GREEN', 1, 1.5, 2 ** 31, true, [], {}),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...fields), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  /** Filters that are right but for some part, since nearly every random tree is wrong at once. */
  const { filter } = fc.letrec((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4 },
      fc.constant({}),
      fc.record(
        {
          name: often(fc.constantFrom('a', null), tree),
          keys: often(fc.oneof(fc.constant(3), fc.array(fc.integer({ min: -9, max: 9 }))), tree),
          colour: often(fc.constantFrom('RED', 'BLUE'), tree),
          sub: tie('filter'),
          list: fc.oneof(tie('filter'), fc.array(tie('filter'), { maxLength: 2 })),
          sure: often(
            fc.record({ must: fc.integer({ max: 9 }), size: fc.constant(1) }, { requiredKeys: ['must'] }),
            tree,
          ),
          other: fc.constant(1),
        },
        { requiredKeys: [] },
      ),
    ),
  }));

  function often(right: fc.Arbitrary<unknown>, wrong: fc.Arbitrary<unknown>) {
    return fc.oneof({ arbitrary: right, weight: 30 }, { arbitrary: wrong, weight: 1 });
  }

  it.each([
    { colour: 'RED', name: 'a' },
    { name: 'a', sub: { keys: [1], name: 'b' }, list: [{ name: 'c' }] },
    { sub: { list: [{ colour: 'RED', name: 'c' }] }, name: 'a' },
    { name: 'a', sure: { must: 1, size: 2 } },
    { name: 'a', sub: { name: 'b', other: 1 } },
    { name: 'a', keys: 3 },
  ])('%j: fields in the order of the type, whatever theirs is', (a) => {
    const schema = schemaOf({});
    const operation = getOperationAST(
      parse('query ($a: Filter) { other { id } }'),
    ) as OperationDefinitionNode;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], { a });
    expect(JSON.stringify(variablesOf(schema, operation)({ a }))).toBe(JSON.stringify(coerced));
  });

  it.each(['Filter', 'Filter!', '[Filter]', '[Filter!]!', 'Sure', 'Filter = { name: "a" }'])('%s', (type) => {
    const schema = schemaOf({});
    const operation = getOperationAST(
      parse(`query ($a: ${type}) { other { id } }`),
    ) as OperationDefinitionNode;
    const coerce = variablesOf(schema, operation);
    let right = 0;
    fc.assert(
      fc.property(fc.record({ a: fc.oneof(filter, tree) }, { requiredKeys: [] }), (given) => {
        const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
        if (coerced !== undefined) right += 1;
        // The order of fields counts, too.
        expect(JSON.stringify(coerce(given))).toBe(JSON.stringify(coerced));
      }),
      { numRuns: 400 },
    );
    expect(right).toBeGreaterThan(20);
  });
});
