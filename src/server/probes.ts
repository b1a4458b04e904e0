import type { FastifyInstance } from 'fastify';
import type { ReadyWhen } from '../config/groups/server.ts';
import { sourceNames } from '../source-name.ts';
import { statusOf } from '../sources/source-status.ts';
import type { Sources } from '../sources/sources.ts';

const paths = ['/livez', '/readyz'] as const;

/** Whether a route is one of those that orchestrators ask. */
export function isProbe(route: string | undefined): boolean {
  return route === paths[0] || route === paths[1];
}

/**
 * `/livez`: the process runs. `/readyz`: 200 while at least one source answers, or with `all` both, else 503. Where callers need no
 * identity, it tells how each source is, with the breaker of its pool; elsewhere that is for roles with the feature `sources`, and a
 * probe has no role.
 */
export function addProbes(
  http: FastifyInstance,
  sources: Sources,
  { readyWhen = 'any', isOpen }: { readonly readyWhen?: ReadyWhen | undefined; readonly isOpen: boolean },
): void {
  http.get(paths[0], { logLevel: 'silent' }, async () => ({ status: 'ok' }));

  http.get(paths[1], { logLevel: 'silent' }, async (_request, reply) => {
    const states = await Promise.all(
      sourceNames.map(async (name) => [name, (await statusOf(sources[name])).state] as const),
    );
    const up = states.filter(([, state]) => state === 'UP').length;
    const ready = up >= (readyWhen === 'all' ? sourceNames.length : 1);
    reply.code(ready ? 200 : 503);
    const status = ready ? 'ok' : 'unavailable';
    if (!isOpen) return { status };
    const breakers = sourceNames.map((name) => [name, sources[name].stats().breaker] as const);
    return { status, sources: Object.fromEntries(states), breakers: Object.fromEntries(breakers) };
  });
}
