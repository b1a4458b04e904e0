import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Context } from '../../context.ts';
import { coercionOf } from '../compiled/variables.ts';
import { isLarge } from '../limits/variables-size.ts';
import { done, type Step } from './compose.ts';

type Request = GraphQLRequestContextDidResolveOperation<Context>;

/**
 * Coerces large variables in a turn of the event loop of their own, and refuses wrong ones for their first fault: graphql-js
 * would tell fifty, each with the whole of what is wrong in it.
 */
export function checkLargeVariables(): Step {
  return {
    didResolveOperation({ schema, operation, request: { variables } }: Request) {
      // Apollo refuses a name that no operation has.
      if (operation === undefined || variables === undefined || !isLarge(variables)) return done;
      return check(schema, operation, variables);
    },
  };
}

async function check(...[schema, operation, variables]: Parameters<typeof coercionOf>): Promise<void> {
  await nextTurn();
  const { errors: [error] = [] } = coercionOf(schema, operation, variables);
  await nextTurn();
  if (error !== undefined) throw refused(error);
}

/** As Apollo has it of what graphql-js refuses. */
function refused({ message, nodes }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    ...(nodes && { nodes }),
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}
