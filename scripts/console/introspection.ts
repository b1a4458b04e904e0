// Makes src/console/api/introspection.d.ts, from which the console has the types of its operations: `npm run docs`.
import { outputIntrospectionFile } from 'gql.tada/internal';
import { GraphQLObjectType, GraphQLSchema, introspectionFromSchema } from 'graphql';

/** The fields of Query that the console asks for by fixed operations. Those of tables it learns by introspection. */
const fields = ['viewer', 'activity', 'sources', 'drift', 'erd', 'parity', 'migrations'];

export function renderConsoleIntrospection(schema: GraphQLSchema): string {
  const { fields: all, ...query } = (schema.getQueryType() as GraphQLObjectType).toConfig();
  const wanted = Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name)));
  const part = new GraphQLSchema({ query: new GraphQLObjectType({ ...query, fields: wanted }) });
  const introspection = introspectionFromSchema(part, { descriptions: false });
  return outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true });
}
