import type { GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import type { Context } from '../../context.ts';
import { nullArgumentError } from '../null-arguments.ts';
import { nullSkipInclude } from '../null-skip-include.ts';
import { done, type Step } from './compose.ts';

type Request = GraphQLRequestContextDidResolveOperation<Context>;

/** Refuses operations that a variable's null keeps from running, before any of them runs. */
export function checkNulls(): Step {
  return {
    didResolveOperation({ schema, document, operation, request: { variables } }: Request) {
      // Apollo refuses a name that no operation has.
      if (operation === undefined || variables === undefined) return done;
      const error =
        nullSkipInclude(document, operation, variables) ??
        nullArgumentError(schema, document, operation, variables);
      return error === null ? done : Promise.reject(error);
    },
  };
}
