import type {
  GraphQLRequestContextResponseForOperation,
  GraphQLRequestContextWillSendResponse,
} from '@apollo/server';
import type { DocumentNode, FormattedExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Context } from '../context.ts';
import type { Listener } from './pipeline/compose.ts';

/** A request as a client sends it: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters */
export interface RequestParameters {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

/** What a client gets: the result, and what HTTP says of it. */
export interface FastPathAnswer {
  readonly result: FormattedExecutionResult;
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;
}

/** Answers requests whose document has come before; null for those that Apollo has to answer. */
export interface FastPath {
  /** Remembers what Apollo has found. */
  readonly listener: Listener;
  answer(parameters: RequestParameters, accept: string, context: Context): Promise<FastPathAnswer | null>;
}

interface Resolved {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
}

/**
 * Characters of all documents that are known at most, and of each of them: parsed, with what was made of it, a document holds some
 * hundred times as many bytes.
 */
const most = 65_536;
const longest = 8192;

/**
 * The fast path of requests that come again. Apollo parses, validates and hashes a document, and asks each of its plugins
 * at each step; for a small read that costs as much as all the rest. What it found about a document it would find again, so
 * the next request with the same text goes straight to the steps that depend on the request itself: its cost, its execution,
 * its status and its figures. Whatever they do not answer goes Apollo's way.
 *
 * @param steps what happens at those steps, of Apollo's requests, too
 */
export function createFastPath(steps: Listener): FastPath {
  /** By text, then by the name that the client gave. */
  const known = new Map<string, Map<unknown, Resolved>>();
  let characters = 0;

  function operationsOf(source: string): Map<unknown, Resolved> {
    const operations = known.get(source);
    if (operations !== undefined) return operations;
    const made = new Map<unknown, Resolved>();
    known.set(source, made);
    characters += source.length;
    for (const oldest of known.keys()) {
      if (characters <= most) break;
      known.delete(oldest);
      characters -= oldest.length;
    }
    return made;
  }

  return {
    listener: {
      async didResolveOperation({ schema, source, request, document, operation, operationName }) {
        if (operation === undefined || source.length > longest) return;
        const resolved = { schema, document, operation, operationName };
        operationsOf(source).set(request.operationName ?? null, resolved);
      },
    },
    async answer({ query, operationName, variables, extensions }, accept, contextValue) {
      const resolved = known.get(query as string)?.get(operationName ?? null);
      if (resolved === undefined || !isMap(variables) || !isMap(extensions)) return null;
      // Whoever tells the hash beside the text registers it.
      if (extensions?.persistedQuery !== undefined) return null;
      const http = { headers: new Map([['accept', accept]]) };
      const response = { http: { status: undefined, headers: new Map<string, string>() } };
      const request = { ...resolved, contextValue, request: { variables: variables ?? {}, http }, response };
      const result = await resultOf(steps, request as unknown as Request);
      return result && { result, ...response.http };
    },
  };
}

/** What the steps see of a request; they ask for no more than is there. */
type Request = GraphQLRequestContextResponseForOperation<Context> &
  GraphQLRequestContextWillSendResponse<Context>;

/** As Apollo's pipeline has it: https://www.apollographql.com/docs/apollo-server/integrations/plugins#request-lifecycle-event-flow */
async function resultOf(steps: Listener, request: Request): Promise<FormattedExecutionResult | null> {
  try {
    await steps.didResolveOperation?.(request);
  } catch {
    return null; // Apollo refuses it in turn, and says why.
  }
  const response = await steps.responseForOperation?.(request);
  if (response?.body.kind !== 'single') return null;
  request.response.body = response.body;
  await steps.willSendResponse?.(request);
  return response.body.singleResult;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> | null | undefined {
  return value == null || (typeof value === 'object' && !Array.isArray(value));
}
