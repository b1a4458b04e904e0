import type { GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import type { Context } from '../../context.ts';
import { undecided } from '../conditions.ts';
import type { Listener } from './listening.ts';

type Request = GraphQLRequestContextDidResolveOperation<Context>;

/** Refuses operations whose variables do not decide what is selected, before any of it runs. */
export function checkConditions(): Listener {
  const done = Promise.resolve();
  return {
    didResolveOperation({ document, operation, request: { variables } }: Request) {
      // Apollo says that there is none of this name.
      if (operation === undefined || variables === undefined) return done;
      const error = undecided(document, operation, variables);
      return error === null ? done : Promise.reject(error);
    },
  };
}
