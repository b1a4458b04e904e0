import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import type { Context } from '../../context.ts';

/** The hooks of one request: https://www.apollographql.com/docs/apollo-server/integrations/plugins */
export type Listener = GraphQLRequestListener<Context>;

/** The hooks that each request runs, in their order. Apollo has more, which the fast path skips with all that they follow. */
export const stepHooks = ['didResolveOperation', 'responseForOperation', 'willSendResponse'] as const;
export type StepHook = (typeof stepHooks)[number];

/**
 * A step of a request. It has these hooks and, to the compiler, can have no others: a hook that the fast path does not call
 * would run on the first request with a document, and not on the next.
 */
export type Step = Pick<Listener, StepHook> & { readonly [K in Exclude<keyof Listener, StepHook>]?: never };

/**
 * One plugin of listeners that serve all requests. Apollo waits at each hook of a request for each of its plugins, those
 * without that hook among them: with a plugin for each listener, the waiting costs a small read more than the listeners do.
 */
export function pluginOf(...listeners: readonly Listener[]): ApolloServerPlugin<Context> {
  const all = Promise.resolve(merge(listeners));
  return { requestDidStart: () => all };
}

/**
 * The result of a hook that has nothing to wait for. The steps are on the path of every request, and most have nothing to wait
 * for: to wait for them all the same cost a small read more than they do.
 */
export const done: Promise<void> = Promise.resolve();

/** One step, which runs these in their order. */
export function compose(...steps: readonly Step[]): Step {
  return merge(steps) as Step;
}

type Hook = (...args: unknown[]) => Promise<unknown>;

function merge(listeners: readonly Listener[]): Listener {
  const hooks = new Map<string, Hook[]>();
  for (const listener of listeners) {
    for (const [name, hook] of Object.entries(listener)) hooks.set(name, [...(hooks.get(name) ?? []), hook]);
  }
  return Object.fromEntries(
    [...hooks].map(([name, [first, ...more]]) => [name, inTurn(first as Hook, more)]),
  );
}

function inTurn(first: Hook, more: readonly Hook[]): Hook {
  if (more.length === 0) return first;
  const hooks = [first, ...more];
  return (...args) => runFrom(hooks, 0, args);
}

/** Runs hooks until one of them has something to wait for. */
function runFrom(hooks: readonly Hook[], from: number, args: readonly unknown[]): Promise<unknown> {
  for (let at = from; at < hooks.length; at++) {
    const result = (hooks[at] as Hook)(...args);
    if (result !== done) return result.then(() => runFrom(hooks, at + 1, args));
  }
  return done;
}
