import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLError,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  validateSchema,
} from 'graphql';
import { GeneratingSchemaError } from 'type-graphql';

/**
 * Refuses a schema that is none of GraphQL, or of which a default value has no text. TypeGraphQL asks it for a whole introspection to find
 * that out, which takes most of the CPU that a schema costs.
 *
 * @throws GeneratingSchemaError
 */
export function assertIntrospectable(schema: GraphQLSchema): void {
  const errors = [...validateSchema(schema), ...faultsOfDefaults(schema)];
  if (errors.length > 0) throw new GeneratingSchemaError(errors as GraphQLError[]);
}

function faultsOfDefaults(schema: GraphQLSchema): Error[] {
  return inputsOf(schema).flatMap(({ defaultValue, type }) => {
    try {
      astFromValue(defaultValue, type);
      return [];
    } catch (error) {
      return [error as Error];
    }
  });
}

function inputsOf(schema: GraphQLSchema): readonly (GraphQLArgument | GraphQLInputField)[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isInputObjectType(type)) return Object.values(type.getFields());
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap(({ args }) => args);
  });
}
