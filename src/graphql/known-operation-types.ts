import { GraphQLError, type ValidationRule } from 'graphql';

/**
 * Refuses operations of a kind that the schema does not have, such as subscriptions; graphql-js 16 finds that when it is to
 * execute one. https://spec.graphql.org/draft/#sec-Operation-Type-Existence
 */
export const knownOperationTypes: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (context.getSchema().getRootType(node.operation) != null) return;
    context.reportError(new GraphQLError(`The schema has no ${node.operation} operations.`, { nodes: node }));
  },
});
