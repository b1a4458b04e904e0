import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import type { Context } from '../../context.ts';

/** What happens at the steps of a request: https://www.apollographql.com/docs/apollo-server/integrations/plugins */
export type Listener = GraphQLRequestListener<Context>;

/**
 * One plugin of listeners that serve all requests. Apollo waits at each step of a request for each of its plugins, those
 * that do nothing there among them: with a plugin for each listener, the waiting costs a small read more than the listeners do.
 */
export function pluginOf(...listeners: readonly Listener[]): ApolloServerPlugin<Context> {
  const all = Promise.resolve(compose(...listeners));
  return { requestDidStart: () => all };
}

type Step = (...args: unknown[]) => Promise<unknown>;

/** One listener, which asks at each step those that have it, in their order. */
export function compose(...listeners: readonly Listener[]): Listener {
  const steps = new Map<string, Step[]>();
  for (const listener of listeners) {
    for (const [name, step] of Object.entries(listener)) steps.set(name, [...(steps.get(name) ?? []), step]);
  }
  return Object.fromEntries(
    [...steps].map(([name, [first, ...more]]) => [name, inTurn(first as Step, more)]),
  );
}

function inTurn(first: Step, more: readonly Step[]): Step {
  if (more.length === 0) return first;
  return async (...args) => {
    await first(...args);
    for (const step of more) await step(...args);
  };
}
