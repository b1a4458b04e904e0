import { GraphQLBoolean, GraphQLScalarType, GraphQLString } from 'graphql';

/** The scalar that `@Field` means: TypeGraphQL takes JavaScript's own String and Boolean for GraphQL's. */
export function scalarOf(type: object): GraphQLScalarType | undefined {
  if (type === String) return GraphQLString;
  if (type === Boolean) return GraphQLBoolean;
  return type instanceof GraphQLScalarType ? type : undefined;
}
