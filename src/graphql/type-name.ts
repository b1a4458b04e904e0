/**
 * The type of a row that is returned as an interface. Rows are plain objects, of no class: a resolver that returns one as an interface sets its
 * `__typename`. TypeGraphQL's own way is a promise, which would make every such field asynchronous.
 */
export function typeNameOf(row: { readonly __typename?: string }): string | undefined {
  return row.__typename;
}
