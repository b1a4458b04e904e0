import type { GraphQLRequestContextWillSendResponse } from '@apollo/server';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { EventFile } from '../../audit/event-file.ts';
import type { Context } from '../../context.ts';
import { extensionsOf } from '../../errors/codes.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import { done, type Step } from './compose.ts';

type Request = GraphQLRequestContextWillSendResponse<Context>;

/**
 * Records what an operation has read, before its answer is sent. An answer whose event cannot be recorded is not sent, and while the file
 * takes none, no operation begins.
 */
export function recordReads(events: EventFile | undefined): Step {
  if (events === undefined) return {};
  return {
    didResolveOperation() {
      return events.isFailing ? Promise.reject(refusal()) : done;
    },

    willSendResponse(request) {
      const tables = request.contextValue.budget.reads?.tables ?? [];
      if (tables.length === 0) return done;
      return events.write(JSON.stringify(eventOf(request, tables), asText)).catch((err: unknown) => {
        const { log, requestId } = request.contextValue;
        log.error({ requestId, err }, 'a read could not be recorded, and was not answered');
        withhold(request);
      });
    },
  };
}

function eventOf(
  { contextValue: { requestId, identity }, operation, operationName, response: { body } }: Request,
  tables: readonly object[],
) {
  const { subject, issuer, role } = identity;
  return {
    at: new Date().toISOString(),
    requestId,
    subject,
    issuer,
    role,
    operation: operationName ?? null,
    type: operation?.operation ?? null,
    failed: body.kind === 'single' && body.singleResult.data == null,
    tables,
  };
}

/** Takes the data out of an answer; what a mutation has changed stays changed, and the error says so. */
function withhold({ contextValue: { written }, response: { body } }: Request): void {
  if (body.kind !== 'single') return;
  const { data, errors = [] } = body.singleResult;
  const changed = [...written].map(([field, about]): GraphQLFormattedError => {
    const { message, extensions } = new TandemError('PAYLOAD_UNAVAILABLE', about);
    return { message, path: [field], extensions: { ...extensions } };
  });
  const others = changed.length > 0 ? errors : [formatted(new TandemError('AUDIT_UNAVAILABLE', {}))];
  body.singleResult = {
    errors: [...changed, ...others],
    data: data == null ? null : Object.fromEntries(Object.keys(data).map((name) => [name, null])),
  };
}

function formatted({ message, extensions }: TandemError): GraphQLFormattedError {
  return { message, extensions: { ...extensions } };
}

function refusal(): GraphQLError {
  const originalError = new TandemError('AUDIT_UNAVAILABLE', {});
  const http = { status: 503, headers: new Map([['retry-after', '1']]) };
  return new GraphQLError(originalError.message, {
    originalError,
    extensions: { ...extensionsOf('AUDIT_UNAVAILABLE'), http },
  });
}

/** Numbers that JSON does not have. */
function asText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
