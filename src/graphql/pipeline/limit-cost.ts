import type { GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Limits } from '../../config/groups/limits.ts';
import type { Context } from '../../context.ts';
import { costWith } from '../limits/cost.ts';
import { done, type Step } from './compose.ts';

type Request = GraphQLRequestContextDidResolveOperation<Context>;

/**
 * Refuses operations that would read too much, before anything is read. The cost of a document is worked out when it first
 * comes; from then on a request costs a look-up and, where variables say how many rows, a few multiplications.
 */
export function limitCost({ cost: most }: Limits): Step {
  return {
    didResolveOperation({ schema, document, operation, request: { variables = {} } }: Request) {
      if (operation === undefined) return done; // Apollo refuses a name that no operation has.
      const cost = costWith(schema, document, operation, variables);
      return cost <= most ? done : Promise.reject(tooCostly(cost, most));
    },
  };
}

function tooCostly(is: number, most: number): GraphQLError {
  const message = `The operation could read ${is} values; ${most} are allowed.`;
  // Apollo takes the status from here, and leaves it out of the answer.
  return new GraphQLError(message, { extensions: { tooComplex: { limit: 'cost' }, http: { status: 400 } } });
}
