/**
 * The type of a row that is returned as an interface. Rows are plain objects, of no class: whoever returns one so, says its
 * type. TypeGraphQL's own way is a promise, which would make every such field asynchronous.
 */
export function typeNameOf(row: { readonly __typename?: string }): string | undefined {
  return row.__typename;
}
