import type { initGraphQLTada, ResultOf, TadaDocumentNode } from 'gql.tada';
import type { introspection } from './introspection.d.ts';

type Setup = { introspection: introspection; scalars: { DateTime: string } };

/** The text of an operation, with the types of its variables and of its answer. */
// biome-ignore lint/suspicious/noExplicitAny: any operation
export type TypedOperation<Data = any, Variables = any> = TadaDocumentNode<Data, Variables>;

/** Takes an operation as it stands: its types come from the schema, and nothing of that is in the bundle. */
export const gql = ((text: string) => text) as unknown as ReturnType<typeof initGraphQLTada<Setup>>;

export type { ResultOf };
