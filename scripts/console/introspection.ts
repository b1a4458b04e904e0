// Makes src/console/api/introspection.d.ts, from which the console has the types of its operations: `npm run docs`.
import { outputIntrospectionFile } from 'gql.tada/internal';
import { GraphQLObjectType, GraphQLSchema, introspectionFromSchema } from 'graphql';

/** The fields that the console asks for by fixed operations. Those of tables it learns by introspection. */
const queries = ['viewer', 'activity', 'sources', 'drift', 'erd', 'parity', 'migrations'];
const mutations = ['startParity', 'cancelParity'];

export function renderConsoleIntrospection(schema: GraphQLSchema): string {
  const part = new GraphQLSchema({
    query: only(schema.getQueryType(), queries),
    mutation: only(schema.getMutationType(), mutations),
  });
  const introspection = introspectionFromSchema(part, { descriptions: false });
  return outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true });
}

function only(type: GraphQLObjectType | null | undefined, names: readonly string[]): GraphQLObjectType {
  const { fields, ...config } = (type as GraphQLObjectType).toConfig();
  const wanted = Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
  return new GraphQLObjectType({ ...config, fields: wanted });
}
