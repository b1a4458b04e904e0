import { type Connection, encodeRequest } from './load/connection.ts';

const document = `query Cursors($key: Int!) {
  patients(source: AZURE, first: 1000, where: { key: { gt: $key } }) {
    edges { cursor node { key } }
    pageInfo { hasNextPage }
  }
}`;

interface Answer {
  readonly data: {
    readonly patients: {
      readonly edges: readonly { readonly cursor: string; readonly node: { readonly key: number } }[];
      readonly pageInfo: { readonly hasNextPage: boolean };
    };
  };
}

/** Tandem's cursors of 1000 patients after a key, by key. They are opaque: nobody else can make one. */
export async function cursorsAfter(connection: Connection, key: number, token?: string) {
  const body = JSON.stringify({ query: document, variables: { key } });
  const { status, body: answer } = await connection.send(encodeRequest({ path: '/graphql', body, token }));
  if (status !== 200) throw new Error(`Tandem refused to tell its cursors: ${status} ${answer}`);
  const { edges, pageInfo } = (JSON.parse(answer.toString()) as Answer).data.patients;
  return {
    cursors: new Map(edges.map(({ cursor, node }) => [node.key, cursor])),
    more: pageInfo.hasNextPage,
  };
}

/** The cursors of all patients. */
export async function allCursors(
  connection: Connection,
  token?: string,
): Promise<ReadonlyMap<number, string>> {
  const all = new Map<number, string>();
  for (let last = 0; ; ) {
    const { cursors, more } = await cursorsAfter(connection, last, token);
    for (const [key, cursor] of cursors) all.set(key, cursor);
    last = Math.max(...cursors.keys());
    if (!more) return all;
  }
}
