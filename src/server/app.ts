import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { contextFactory } from '../context.ts';
import { createSchema } from '../graphql/schema.ts';
import type { Log } from '../log.ts';
import type { Sources } from '../sources/registry.ts';
import { createApollo } from './apollo.ts';
import { addProbes } from './probes.ts';

/** The HTTP server, built and not listening. `close()` answers what is in flight; it leaves the sources open. */
export interface App {
  readonly http: FastifyInstance;
  close(): Promise<void>;
}

export async function createApp(
  sources: Sources,
  log: Log,
  options: { readonly production: boolean },
): Promise<App> {
  const http = Fastify({ loggerInstance: log as FastifyInstance['log'], bodyLimit: 1024 * 1024 });
  const apollo = createApollo(http, await createSchema(), options);
  await apollo.start();

  const contextOf = contextFactory(sources);
  const handler = fastifyApolloHandler(apollo, {
    context: async (request) => contextOf(request.id, request.log as Log),
  });
  http.route({ url: '/graphql', method: ['GET', 'POST', 'OPTIONS'], handler });
  http.get('/', { logLevel: 'silent' }, async (_request, reply) => reply.redirect('/graphql'));
  addProbes(http, sources);

  return { http, close: () => apollo.stop() };
}
