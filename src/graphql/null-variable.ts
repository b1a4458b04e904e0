import { GraphQLError, type OperationDefinitionNode } from 'graphql';

/** The error of a variable that is null and must not be; nothing has run then. */
export function nullVariable(
  operation: OperationDefinitionNode,
  name: string,
  because: string,
): GraphQLError {
  const nodes = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
  return new GraphQLError(`Variable "$${name}" must not be null, since ${because} takes it.`, {
    ...(nodes && { nodes }),
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}

/** Whether a variable came, and came as null: a default takes the place of one that is absent, and of no null. */
export function isNull(given: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(given, name) && given[name] === null;
}
