import { type Connection, encodeRequest } from './load/connection.ts';

const document = `query Cursors($after: String) {
  patients(source: AZURE, first: 1000, after: $after) {
    edges { cursor node { key } }
    pageInfo { endCursor hasNextPage }
  }
}`;

interface Answer {
  readonly data: {
    readonly patients: {
      readonly edges: readonly { readonly cursor: string; readonly node: { readonly key: number } }[];
      readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
    };
  };
}

/** Tandem's cursors by key. They are opaque: nobody but Tandem can make one. */
export async function cursorsOf(connection: Connection): Promise<ReadonlyMap<number, string>> {
  const cursors = new Map<number, string>();
  for (let after: string | null = null; ; ) {
    const body = JSON.stringify({ query: document, variables: { after } });
    const answer = await connection.send(encodeRequest({ path: '/graphql', body }));
    const { data } = JSON.parse(answer.body.toString()) as Answer;
    for (const { cursor, node } of data.patients.edges) cursors.set(node.key, cursor);
    const { endCursor, hasNextPage } = data.patients.pageInfo;
    if (!hasNextPage) return cursors;
    after = endCursor;
  }
}
