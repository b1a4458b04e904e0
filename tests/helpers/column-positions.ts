/** Where a column can stand in a query, each with an operation that has it there. */
export const columnPositions: Readonly<
  Record<string, (names: { many: string; one: string; type: string }, field: string) => string>
> = {
  select: ({ many }, field) => `{ ${many}(source: AZURE, first: 1) { nodes { ${field} } } }`,
  'select with the other cloud beside': ({ many }, field) =>
    `{ ${many}(source: AZURE, orElse: GCP, first: 1) { nodes { ${field} } } }`,
  edge: ({ many }, field) => `{ ${many}(source: AZURE, first: 1) { edges { node { ${field} } } } }`,
  'one row': ({ one }, field) => `{ ${one}(source: AZURE, key: 1) { ${field} } }`,
  node: ({ type }, field) => `{ node(id: "QVpVUkU6UGF0aWVudDox") { ... on ${type} { ${field} } } }`,
  nodes: ({ type }, field) => `{ nodes(ids: ["QVpVUkU6UGF0aWVudDox"]) { ... on ${type} { ${field} } } }`,
  fragment: ({ many, type }, field) =>
    `query { ${many}(source: AZURE, first: 1) { nodes { ...F } } } fragment F on ${type} { ${field} }`,
  filter: ({ many }, field) =>
    `{ ${many}(source: AZURE, where: { ${field}: { isNull: false } }) { totalCount } }`,
  'negated filter': ({ many }, field) =>
    `{ ${many}(source: AZURE, where: { not: { or: [{ ${field}: { isNull: true } }] } }) { totalCount } }`,
  order: ({ many }, field) => `{ ${many}(source: AZURE, orderBy: [{ ${field}: DESC }]) { totalCount } }`,
  'order of edges': ({ many }, field) =>
    `{ ${many}(source: AZURE, orderBy: [{ ${field}: ASC }], first: 1) { pageInfo { endCursor } } }`,
  group: ({ many }, field) => `{ ${many}Aggregate(source: AZURE, groupBy: [${field}]) { count } }`,
  'value of a group': ({ many }, field) => `{ ${many}Aggregate(source: AZURE) { group { ${field} } } }`,
  least: ({ many }, field) => `{ ${many}Aggregate(source: AZURE) { min { ${field} } } }`,
  greatest: ({ many }, field) => `{ ${many}Aggregate(source: AZURE) { max { ${field} } } }`,
  sum: ({ many }, field) => `{ ${many}Aggregate(source: AZURE) { sum { ${field} } } }`,
  average: ({ many }, field) => `{ ${many}Aggregate(source: AZURE) { avg { ${field} } } }`,
  'number of values': ({ many }, field) =>
    `{ ${many}Aggregate(source: AZURE) { countDistinct { ${field} } } }`,
  'filter of an aggregate': ({ many }, field) =>
    `{ ${many}Aggregate(source: AZURE, where: { ${field}: { isNull: false } }) { count } }`,
  comparison: ({ many }, field) =>
    `{ ${many}Compared(first: 1) { nodes { azure { ${field} } gcp { ${field} } } } }`,
  'filter of a comparison': ({ many }, field) =>
    `{ ${many}Compared(where: { ${field}: { isNull: false } }) { nodes { key } } }`,
  'order of a comparison': ({ many }, field) =>
    `{ ${many}Compared(orderBy: [{ ${field}: ASC }]) { nodes { key } } }`,
};
