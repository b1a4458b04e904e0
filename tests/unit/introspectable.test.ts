import {
  buildSchema,
  type GraphQLInputObjectType,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  getIntrospectionQuery,
  graphqlSync,
} from 'graphql';
import { expect, it } from 'vitest';
import { assertIntrospectable } from '../../src/graphql/introspectable.ts';

const withDefault = (defaultValue: unknown) => ({ first: { type: GraphQLInt, defaultValue } });

function query(args: ReturnType<typeof withDefault>) {
  const fields = { page: { type: GraphQLString, args } };
  return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
}

function withInput(defaultValue: unknown) {
  const schema = buildSchema('input Filter { first: Int } type Query { page(filter: Filter): String }');
  const { first } = (schema.getType('Filter') as GraphQLInputObjectType).getFields();
  Object.assign(first as object, { defaultValue });
  return schema;
}

const empty = () => new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: {} }) });

it.each<[string, () => GraphQLSchema]>([
  ['whose defaults are of their types', () => query(withDefault(1))],
  ['without a field', empty],
  ['with an argument whose default is of another type', () => query(withDefault('many'))],
  ['with a field of an input whose default is of another type', () => withInput('many')],
])('a schema %s is refused where introspection refuses it, in the same words', (_, make) => {
  const { errors } = graphqlSync({ schema: make(), source: getIntrospectionQuery() });
  const refused = () => {
    try {
      assertIntrospectable(make());
      return undefined;
    } catch (error) {
      return (error as { details: Error[] }).details.map(({ message }) => message);
    }
  };
  expect(refused()).toEqual(errors?.map(({ message }) => message));
});
