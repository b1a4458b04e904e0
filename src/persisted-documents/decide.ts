import type { PersistedDocuments } from './manifest-format.ts';
import { idOf } from './manifest-format.ts';

/** Parameters of a request, as it came: nothing about them is sure. */
export interface Parameters {
  readonly query?: unknown;
  /** `sha256:` and the id: https://github.com/graphql/graphql-over-http/tree/persisted-documents/spec */
  readonly documentId?: unknown;
  /** Apollo's way to say it: `{ persistedQuery: { version: 1, sha256Hash } }` */
  readonly extensions?: unknown;
}

/** `run` a document of the manifest, `pass` the request on as it came, or `refuse` it. */
export type Decision =
  | { readonly to: 'run'; readonly document: string }
  | { readonly to: 'pass' }
  | { readonly to: 'refuse'; readonly code: 'PERSISTED_QUERY_NOT_FOUND' | 'PERSISTED_DOCUMENT_REQUIRED' }
  | { readonly to: 'refuse'; readonly code: 'BAD_REQUEST'; readonly message: string };

/** Decides about a request before anything of it is parsed. */
export function decide(
  { documents, only }: PersistedDocuments,
  { query, documentId, extensions }: Parameters,
): Decision {
  const persisted = persistedQueryOf(extensions);
  const text = typeof query === 'string' && query !== '' ? query : undefined;
  if (persisted !== undefined && (persisted.version !== 1 || typeof persisted.sha256Hash !== 'string')) {
    return bad('persistedQuery must be { version: 1, sha256Hash: "…" }.');
  }
  const id = documentId == null ? (persisted?.sha256Hash as string | undefined) : payloadOf(documentId);
  if (id !== undefined && text !== undefined && idOf(text) !== id) {
    return bad('The id is not the SHA-256 of the query beside it.');
  }
  const document = documents.get(id ?? (only && text !== undefined ? idOf(text) : ''));
  if (document !== undefined) return { to: 'run', document };
  if (only && text !== undefined) return { to: 'refuse', code: 'PERSISTED_DOCUMENT_REQUIRED' };
  // Apollo may know the id from a client that registered it, but only by its own name for it.
  const unknown = id !== undefined && text === undefined && (only || documentId != null);
  return unknown ? { to: 'refuse', code: 'PERSISTED_QUERY_NOT_FOUND' } : { to: 'pass' };
}

const bad = (message: string): Decision => ({ to: 'refuse', code: 'BAD_REQUEST', message });

/** The hash of `sha256:…`; of anything else what no document has. */
function payloadOf(documentId: unknown): string {
  return /^sha256:([\da-f]{64})$/.exec(String(documentId))?.[1] ?? '';
}

function persistedQueryOf(extensions: unknown): { version?: unknown; sha256Hash?: unknown } | undefined {
  if (typeof extensions !== 'object' || extensions === null || !('persistedQuery' in extensions))
    return undefined;
  return Object(extensions.persistedQuery);
}
