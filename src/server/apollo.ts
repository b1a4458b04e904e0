import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache';
import type { FastifyInstance } from 'fastify';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Context } from '../context.ts';
import { example } from '../graphql/example-operation.ts';
import { createFastPath, type FastPath } from '../graphql/fast-path.ts';
import { formatError } from '../graphql/format-error.ts';
import { knownOperationTypes } from '../graphql/known-operation-types.ts';
import { withinLimits } from '../graphql/limits/document-limits.ts';
import { pluginOf } from '../graphql/pipeline/compose.ts';
import { logOperations } from '../graphql/pipeline/log-operations.ts';
import { type StepOptions, stepsOf } from '../graphql/pipeline/steps.ts';
import { stringify } from './stringify-answer.ts';

export interface ApolloOptions extends StepOptions {
  /** Whether clients learn of the schema: by introspection, and by suggestions in errors. */
  readonly introspection: boolean;
  /** Whether `/graphql` shows browsers Apollo Sandbox, whose script Apollo's servers send. */
  readonly sandbox?: boolean;
}

/**
 * Documents that are kept parsed and validated, and with them what is compiled and remembered of each; the latest
 * used. Apollo's own bound, 30 MiB of them as JSON, is 180 MB of memory where clients write values into their documents.
 */
const documents = { max: 1000, maxSize: 4 * 2 ** 20 };

/** APOLLO_KEY and its like, perhaps set for another tool, would send operations to Apollo's studio. */
const nothingReported = [
  ApolloServerPluginInlineTraceDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
];

/** A GraphQL server with its fast path; stopping it closes the HTTP server too, if it is given one. */
export function createApollo(
  http: FastifyInstance | null,
  schema: GraphQLSchema,
  options: ApolloOptions,
): { readonly apollo: ApolloServer<Context>; readonly fastPath: FastPath } {
  const { introspection, sandbox = false, limits } = options;
  const landingPage = sandbox
    ? ApolloServerPluginLandingPageLocalDefault({ footer: false, document: example })
    : ApolloServerPluginLandingPageDisabled();
  const steps = stepsOf(options);
  const fastPath = createFastPath(steps);
  const apollo = new ApolloServer<Context>({
    schema,
    formatError,
    includeStacktraceInErrorResponses: false,
    introspection,
    // "Did you mean …" tells of fields that introspection would not.
    hideSchemaDetailsFromClientErrors: !introspection,
    // Apollo's own ends each text with a line feed, which copies it.
    stringifyResult: async (result) => stringify(result),
    documentStore: new InMemoryLRUCache<DocumentNode>(documents),
    parseOptions: { maxTokens: limits.tokens },
    validationRules: [withinLimits(limits), knownOperationTypes],
    // A document with a thousand faults needs no thousand messages.
    validationOptions: { maxErrors: 10 },
    // Signals are ours: Apollo's handler would race the closing of the pools.
    stopOnTerminationSignals: false,
    plugins: [
      // The default plugin wraps every field's resolver, which costs a third of a read's CPU.
      ApolloServerPluginCacheControlDisabled(),
      ...(http === null ? [] : [closing(http)]),
      pluginOf(logOperations(), steps, fastPath.listener),
      ...nothingReported,
      landingPage,
    ],
  });
  return { apollo, fastPath };
}

/** Stopping Apollo closes the HTTP server first, which answers what is in flight. */
function closing(http: FastifyInstance): ApolloServerPlugin<Context> {
  return { serverWillStart: async () => ({ drainServer: async () => http.close() }) };
}
