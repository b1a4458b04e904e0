import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Documents by their ids. */
export type Documents = ReadonlyMap<string, string>;

/** The documents that clients may name by their ids. */
export interface PersistedDocuments {
  readonly documents: Documents;
  /** Whether no other document is run. */
  readonly only: boolean;
}

/** One operation with the fragments that it uses. */
export interface PersistedOperation {
  /** `idOf` the body. */
  readonly id: string;
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly body: string;
}

/** A document's id: the SHA-256 of its text in UTF-8, in lower-case hexadecimal. */
export const idOf = (body: string): string => createHash('sha256').update(body).digest('hex');

// The file that Apollo's own generate-persisted-query-manifest writes; names and types are for its readers.
const manifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), name: z.string().optional(), body: z.string() })),
});

/** The text of a manifest: https://www.apollographql.com/docs/graphos/platform/security/persisted-queries */
export function writeManifest(operations: readonly PersistedOperation[]): string {
  const content = { format: 'apollo-persisted-query-manifest', version: 1, operations };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The documents of a manifest's text, or its fault. An id that is not its body's is a fault. */
export function readManifest(text: string): { readonly documents: Documents } | { readonly problem: string } {
  const { success, data } = manifest.safeParse(parse(text));
  if (!success) return { problem: 'is no persisted query manifest of version 1' };
  const wrong = data.operations.find(({ id, body }) => id !== idOf(body));
  if (wrong !== undefined) {
    return { problem: `has an id that is not the SHA-256 of its body, for ${wrong.name ?? wrong.id}` };
  }
  return { documents: new Map(data.operations.map(({ id, body }) => [id, body])) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
