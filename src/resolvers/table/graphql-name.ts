// https://spec.graphql.org/October2021/#Name; two underscores at the start are introspection's.
const graphqlName = /^(?!__)[A-Za-z_]\w*$/;

/** Whether an API may give a type, a field or an item this name. */
export function isGraphqlName(name: string): boolean {
  return graphqlName.test(name);
}
