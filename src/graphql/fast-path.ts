import type {
  GraphQLRequestContextResponseForOperation,
  GraphQLRequestContextWillSendResponse,
} from '@apollo/server';
import type { DocumentNode, FormattedExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Context } from '../context.ts';
import { done, type Listener, type Step } from './pipeline/compose.ts';

/** A request as a client sends it: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters */
export interface RequestParameters {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

/** The result, and the status and headers of its HTTP response. */
export interface FastPathAnswer {
  readonly result: FormattedExecutionResult;
  readonly status: number | undefined;
  readonly headers: Map<string, string>;
}

/** Answers requests whose document Apollo has answered before; null for those that Apollo has to answer. */
export interface FastPath {
  /** Keeps what Apollo has resolved. */
  readonly listener: Listener;
  answer(
    parameters: RequestParameters,
    accept: string,
    context: Context,
  ): Promise<FastPathAnswer | null> | null;
}

interface Resolved {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
}

/** The operations of a document, by the name that the client gave. */
type Operations = Map<unknown, Resolved>;

/**
 * Characters of all documents that are kept at most, and of each of them: parsed, with what is made of it, a document holds some
 * hundred times as many bytes. The least recently used documents go first.
 */
const bounds = { maxSize: 65_536, maxEntrySize: 8192 };

/** Texts that came last, by their length. Together they have as many characters as those of `bounds` at most. */
const mostRecent = { texts: 64, characters: 1024 } as const;

/**
 * The fast path of repeated requests. Apollo parses, validates and hashes a document, and waits for its plugins at each hook;
 * for a small read that costs as much as all the rest. Apollo would find the same about the same text again, so
 * the next request with that text goes straight to the steps that depend on the request itself: its cost, its execution,
 * its status and its metrics. Apollo answers the requests that these steps leave.
 *
 * @param steps the same that Apollo runs
 */
export function createFastPath(steps: Step): FastPath {
  /** By text. */
  const known = new LRUCache<string, Operations>({
    ...bounds,
    sizeCalculation: (_operations, source) => source.length,
  });
  let http = httpOf('');
  /** To compare two texts costs less than to look for one, which takes all its characters for a number first. */
  const recent = new Array<{ readonly source: string; readonly operations: Operations } | undefined>(
    mostRecent.texts,
  ).fill(undefined);

  function operationsOf(source: string): Operations | undefined {
    const place = source.length % mostRecent.texts;
    const last = recent[place];
    if (last?.source === source) return last.operations;
    const operations = known.get(source);
    if (operations !== undefined && source.length <= mostRecent.characters) {
      recent[place] = { source, operations };
    }
    return operations;
  }

  return {
    listener: {
      async didResolveOperation({ schema, source, request, document, operation, operationName }) {
        if (operation === undefined) return;
        const resolved = { schema, document, operation, operationName };
        const operations: Operations = operationsOf(source) ?? new Map();
        operations.set(request.operationName ?? null, resolved);
        known.set(source, operations);
      },
    },
    answer({ query, operationName, variables, extensions }, accept, contextValue) {
      const resolved =
        typeof query === 'string' ? operationsOf(query)?.get(operationName ?? null) : undefined;
      if (resolved === undefined || !isMap(variables) || !isMap(extensions)) return null;
      // A hash beside the text registers the text with Apollo.
      if (extensions?.persistedQuery !== undefined) return null;
      const { schema, document, operation, operationName: name } = resolved;
      // A client says the same each time.
      if (http.headers.get('accept') !== accept) http = httpOf(accept);
      const request = {
        schema,
        document,
        operation,
        operationName: name,
        contextValue,
        request: { variables: variables ?? {}, http },
        response: { http: { status: undefined, headers: new Map<string, string>() } },
      };
      return answerOf(steps, request as unknown as Request);
    },
  };
}

function httpOf(accept: string): { readonly headers: ReadonlyMap<string, string> } {
  return { headers: new Map([['accept', accept]]) };
}

/** The part of a request that the steps read, and no more. */
type Request = GraphQLRequestContextResponseForOperation<Context> &
  GraphQLRequestContextWillSendResponse<Context>;

/** As Apollo's pipeline has it: https://www.apollographql.com/docs/apollo-server/integrations/plugins#request-lifecycle-event-flow */
async function answerOf(steps: Step, request: Request): Promise<FastPathAnswer | null> {
  try {
    const checked = steps.didResolveOperation?.(request);
    if (checked !== done) await checked;
  } catch {
    return null; // Apollo runs the same step, and answers with its error.
  }
  const response = await steps.responseForOperation?.(request);
  if (response?.body.kind !== 'single') return null;
  request.response.body = response.body;
  const sent = steps.willSendResponse?.(request);
  if (sent !== done) await sent;
  const { status, headers } = request.response.http;
  return { result: response.body.singleResult, status, headers };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> | null | undefined {
  return value == null || (typeof value === 'object' && !Array.isArray(value));
}
