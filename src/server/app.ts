import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PersistedDocuments } from '../config.ts';
import { contextFactory } from '../context.ts';
import { examples } from '../graphql/examples.ts';
import { createSchema } from '../graphql/schema.ts';
import type { Log } from '../log.ts';
import type { Sources } from '../sources/registry.ts';
import { type ApolloOptions, createApollo } from './apollo.ts';
import { compress } from './compress.ts';
import { explorer } from './explorer.ts';
import { createHttp } from './http.ts';
import { persistedDocuments } from './persisted-documents.ts';
import { addProbes } from './probes.ts';

/** The HTTP server, built and not listening. `close()` answers what is in flight; it leaves the sources open. */
export interface App {
  readonly http: FastifyInstance;
  close(): Promise<void>;
}

export interface AppOptions extends ApolloOptions {
  readonly persistedDocuments?: PersistedDocuments;
}

export async function createApp(sources: Sources, log: Log, options: AppOptions): Promise<App> {
  const http = createHttp(log);
  const apollo = createApollo(http, await createSchema(), options);
  await apollo.start();

  const contextOf = contextFactory(sources, log);
  const answer = fastifyApolloHandler(apollo, {
    context: async (request) => contextOf(request.id),
  });
  http.route({
    url: '/graphql',
    method: ['GET', 'POST'],
    preHandler: persistedDocuments(log, options.persistedDocuments),
    onSend: compress(),
    handler: (request, reply) => answer.call(http, asApolloKnows(request), reply),
  });
  http.get('/', async (_request, reply) => reply.redirect('/graphql'));
  // It lives on introspection, which production turns off, and which no manifest has.
  const explorable = !options.production && options.persistedDocuments?.only !== true;
  if (explorable) await http.register(explorer, { endpoint: '/graphql', examples });
  addProbes(http, sources);

  return { http, close: () => apollo.stop() };
}

/** HEAD is GET whose answer stays here, which Apollo leaves to the server. */
function asApolloKnows(request: FastifyRequest): FastifyRequest {
  return request.method === 'HEAD' ? Object.create(request, { method: { value: 'GET' } }) : request;
}
