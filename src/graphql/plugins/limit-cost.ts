import type { GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import { GraphQLError, type OperationDefinitionNode } from 'graphql';
import type { Limits } from '../../config.ts';
import type { Context } from '../../context.ts';
import { fragmentsOf } from '../fragments-of.ts';
import { type Cost, costOf } from '../limits/cost.ts';
import type { Listener } from './listening.ts';

type Request = GraphQLRequestContextDidResolveOperation<Context>;

/**
 * Refuses operations that would read too much, before anything is read. What a document costs is worked out when it first
 * comes; from then on a request costs a look-up and, where variables say how many rows, a few multiplications.
 */
export function limitCost({ cost: most }: Limits): Listener {
  const costs = new WeakMap<OperationDefinitionNode, number | Cost>();
  const done = Promise.resolve();
  return {
    didResolveOperation(request: Request) {
      const { operation } = request;
      if (operation === undefined) return done; // Apollo says that there is none of this name.
      let cost = costs.get(operation);
      if (cost === undefined) {
        cost = costOf(request.schema, operation, fragmentsOf(request.document));
        costs.set(operation, cost);
      }
      const now = typeof cost === 'number' ? cost : cost(request.request.variables ?? {});
      return now <= most ? done : Promise.reject(tooCostly(now, most));
    },
  };
}

function tooCostly(is: number, most: number): GraphQLError {
  const message = `The operation could read ${is} values; ${most} are allowed.`;
  // Apollo takes the status from here, and leaves it out of the answer.
  return new GraphQLError(message, { extensions: { tooComplex: { limit: 'cost' }, http: { status: 400 } } });
}
