import type { FastifyRequest, preHandlerHookHandler } from 'fastify';
import type { ErrorCode } from '../errors/codes.ts';
import { excessOf } from '../graphql/limits/variables-size.ts';
import type { Log } from '../log/log.ts';
import { decide, type Parameters } from '../persisted-documents/decide.ts';
import type { PersistedDocuments } from '../persisted-documents/manifest-format.ts';
import { queryStringOf } from './query-string.ts';
import { refuse } from './refuse.ts';

const statuses = {
  BAD_REQUEST: 400,
  PERSISTED_DOCUMENT_REQUIRED: 403,
  PERSISTED_QUERY_NOT_FOUND: 404,
} as const satisfies Partial<Record<ErrorCode, number>>;

/** Puts the document in the place of its id, before GraphQL sees the request, and refuses what may not run. */
export function persistedDocuments(
  log: Log,
  allowed: PersistedDocuments = { documents: new Map(), only: false },
): preHandlerHookHandler {
  return (request, reply, done) => {
    const parameters = request.method === 'POST' ? request.body : parametersOf(request);
    // Anything else than an object is no request of GraphQL's, which Apollo says.
    if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) return done();
    const { variables } = parameters as { variables?: unknown };
    const bytes = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
    const excess = excessOf(variables, bytes);
    if (excess !== null) {
      refuse(reply, 400, 'OPERATION_TOO_COMPLEX', excess);
      return;
    }
    const decision = decide(allowed, parameters);
    if (decision.to === 'refuse') {
      const { code } = decision;
      log.info({ requestId: request.id, code }, 'operation refused');
      refuse(reply, statuses[code], code, 'message' in decision ? decision.message : undefined);
      return;
    }
    if (decision.to === 'run') replace(request, parameters, decision.document);
    done();
  };
}

function parametersOf({ url }: FastifyRequest): Parameters {
  const search = new URLSearchParams(queryStringOf(url));
  const parameters: Record<string, unknown> = Object.fromEntries(search);
  try {
    return { ...parameters, extensions: JSON.parse(search.get('extensions') ?? 'null') };
  } catch {
    return { ...parameters, extensions: null }; // Apollo says that it is no JSON.
  }
}

/** The extension goes: Apollo would take the document for one that a client registers. */
function replace(request: FastifyRequest, parameters: Parameters, query: string): void {
  const { documentId: _, ...others } = parameters;
  const { persistedQuery: __, ...extensions } = Object(parameters.extensions);
  if (request.method === 'POST') {
    request.body = { ...others, query, extensions };
    return;
  }
  const search = new URLSearchParams(queryStringOf(request.url));
  search.delete('documentId');
  search.set('query', query);
  search.set('extensions', JSON.stringify(extensions));
  request.raw.url = `${request.url.split('?', 1)[0]}?${search}`;
}
