import type { GraphQLRequestContextResponseForOperation } from '@apollo/server';
import {
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  getVariableValues,
} from 'graphql';
import type { Context } from '../../context.ts';
import { type Compiled, compile } from '../compile.ts';
import { formatError } from '../format-error.ts';
import { logErrors } from '../log-errors.ts';
import type { Listener } from './listening.ts';

/** How often an operation has come, until it is compiled; null where it cannot be. */
type State = { readonly times: number } | Compiled | null;

/** A document's operations by name. Apollo's bounded document cache holds the documents, so this needs no bound. */
type States = WeakMap<DocumentNode, Map<string, State>>;

/**
 * Executes operations by functions that graphql-jit makes of them, several times faster than graphql-js
 * interprets them. Compiling costs milliseconds, so it waits until a document has come `after` times before;
 * whatever cannot be compiled, or whose variables are wrong, is left to graphql-js.
 */
export function compiledExecution({ after = 1 }: { after?: number } = {}): Listener {
  const states: States = new WeakMap();
  return {
    async responseForOperation(request) {
      const compiled = compiledFor(states, request, after);
      const variables = compiled && variablesFor(compiled, request);
      if (compiled === null || variables === null) return null;
      const result = await compiled.query({}, request.contextValue, variables);
      return {
        body: { kind: 'single', singleResult: format(request, result) },
        http: request.response.http,
      };
    },
  };
}

type Request = GraphQLRequestContextResponseForOperation<Context>;

function compiledFor(
  states: States,
  { document, operationName, schema }: Request,
  after: number,
): Compiled | null {
  const operations = states.get(document) ?? new Map<string, State>();
  states.set(document, operations);
  const name = operationName ?? '';
  const state = operations.get(name);
  if (state === null) return null;
  if (state !== undefined && 'query' in state) return state;
  const times = state?.times ?? 0;
  const next = times < after ? { times: times + 1 } : compile(schema, document, operationName);
  operations.set(name, next);
  return next !== null && 'query' in next ? next : null;
}

/** The variables as a compiled operation takes them; null for those that it cannot take, wrong ones among them. */
function variablesFor(
  { needsAllVariables }: Compiled,
  { schema, operation, request }: Request,
): Record<string, unknown> | null {
  const definitions = operation.variableDefinitions ?? [];
  const { coerced } = getVariableValues(schema, definitions, request.variables ?? {});
  if (coerced === undefined) return null;
  const all = definitions.every(({ variable }) => Object.hasOwn(coerced, variable.name.value));
  return all || !needsAllVariables ? coerced : null;
}

/** Errors as Apollo would have formatted and reported them, had it executed the operation itself. */
function format(
  { operationName, contextValue }: Request,
  { data = null, errors = [] }: ExecutionResult,
): FormattedExecutionResult<Record<string, unknown>> {
  if (errors.length === 0) return { data };
  logErrors(contextValue, operationName, errors);
  return { errors: errors.map((error) => formatError(error.toJSON(), error)), data };
}
