import { OperationTypeNode } from 'graphql';
import { TandemError } from '../../errors/tandem-error.ts';
import { hasTooManyUnreadable, mostUnreadable } from '../property-resolver.ts';
import { done, type Step } from './compose.ts';

/**
 * Refuses an answer with more values that cannot be read than are worth an error each. Of a mutation, that is the payload:
 * what it has written stands.
 */
export function limitUnreadable(): Step {
  return {
    willSendResponse({ operation, contextValue, response: { body } }) {
      if (body.kind !== 'single' || !hasTooManyUnreadable(contextValue)) return done;
      const { written } = contextValue;
      const lost = [...written].map(([name, which]) => ({
        path: [name],
        error: new TandemError('PAYLOAD_UNAVAILABLE', which),
      }));
      const refused = { path: undefined, error: tooMany() };
      const errors = operation?.operation === OperationTypeNode.MUTATION ? lost : [refused];
      body.singleResult.data = null;
      body.singleResult.errors = errors.map(({ path, error: { message, extensions } }) => ({
        message,
        ...(path && { path }),
        extensions: { ...extensions },
      }));
      return done;
    },
  };
}

function tooMany(): TandemError {
  const message = `The answer has more than ${mostUnreadable} values that cannot be read; ask for fewer rows, or leave such fields out.`;
  return new TandemError('OPERATION_TOO_COMPLEX', { limit: 'unreadable', message });
}
