import type { FastifyInstance } from 'fastify';
import { sourceNames } from '../source-name.ts';
import type { Sources } from '../sources/registry.ts';
import { statusOf } from '../sources/status.ts';

/** `/livez`: the process runs. `/readyz`: 200 while at least one source answers, and which do; else 503. */
export function addProbes(http: FastifyInstance, sources: Sources): void {
  http.get('/livez', { logLevel: 'silent' }, async () => ({ status: 'ok' }));

  http.get('/readyz', { logLevel: 'silent' }, async (_request, reply) => {
    const states = await Promise.all(
      sourceNames.map(async (name) => [name, (await statusOf(sources[name])).state] as const),
    );
    const ready = states.some(([, state]) => state === 'UP');
    reply.code(ready ? 200 : 503);
    return { status: ready ? 'ok' : 'unavailable', sources: Object.fromEntries(states) };
  });
}
