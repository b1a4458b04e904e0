import type { GraphQLRequestContextResponseForOperation } from '@apollo/server';
import type { DocumentNode, ExecutionResult, FormattedExecutionResult } from 'graphql';
import type { Context } from '../../context.ts';
import { memoizeWeak } from '../../util/memoize-weak.ts';
import { mostVariants, skipIncludeVariablesOf, variantOf } from '../../util/skip-include-variables.ts';
import { type Compiled, compile } from '../compiled/operation.ts';
import { type VariableValues, variablesOf } from '../compiled/variables.ts';
import { formatError } from '../format-error.ts';
import { fragmentsOf } from '../fragments-of.ts';
import { costWith } from '../limits/cost.ts';
import { logErrors } from '../log-errors.ts';
import type { Step } from './compose.ts';

type Request = GraphQLRequestContextResponseForOperation<Context>;

/** The record of an operation that has come. */
interface Known {
  times: number;
  readonly coerce: (given: VariableValues) => VariableValues | undefined;
  /** Variables that decide what is selected. */
  readonly conditions: readonly string[];
  /** By the values of those; null where only graphql-js can execute it. */
  readonly variants: Map<string, Compiled | null>;
}

/** Values that an operation may read. */
const costly = 2000;

/**
 * Executes operations by functions that are made of them, many times faster than graphql-js interprets them. That takes
 * a millisecond, so it waits until a document has come `after` times before, or asks for much; whatever cannot be compiled, or whose
 * variables are wrong, is left to graphql-js.
 */
export function compiledExecution({ after = 1 }: { after?: number } = {}): Step {
  // By name. Apollo's bounded document cache and the fast path's hold the documents, so this needs no bound.
  const operationsOf = memoizeWeak((_: DocumentNode) => new Map<string, Known>());
  return {
    responseForOperation(request) {
      // Despite its type, it can be undefined: graphql-js refuses a name that no operation has.
      if ((request.operation as unknown) === undefined) return none;
      const operation = knownOf(operationsOf(request.document), request);
      const given = request.request.variables ?? {};
      if (operation.times < after) {
        operation.times += 1;
        if (after === Number.POSITIVE_INFINITY || !isCostly(request, given)) return none;
      }
      const coerced = operation.coerce(given);
      const compiled = coerced && compiledOf(operation, request, coerced);
      if (coerced === undefined || !compiled) return none;
      return compiled(request.contextValue, { given, coerced }).then((result) => ({
        body: { kind: 'single', singleResult: format(request, result) },
        http: request.response.http,
      }));
    },
  };
}

/** Apollo is to execute it. */
const none = Promise.resolve(null);

/** Whether graphql-js would work at it for longer than it takes to compile it, and without letting others be served. */
function isCostly({ schema, document, operation }: Request, variables: VariableValues): boolean {
  return costWith(schema, document, operation, variables) > costly;
}

function knownOf(operations: Map<string, Known>, request: Request): Known {
  const { schema, document, operation, operationName } = request;
  const name = operationName ?? '';
  const known = operations.get(name);
  if (known !== undefined) return known;
  const coerce = variablesOf(schema, operation);
  const made = {
    times: 0,
    coerce,
    conditions: skipIncludeVariablesOf(operation, () => fragmentsOf(document)),
    variants: new Map(),
  };
  operations.set(name, made);
  return made;
}

function compiledOf(
  { conditions, variants }: Known,
  request: Request,
  coerced: VariableValues,
): Compiled | null {
  const variant = variantOf(conditions, coerced);
  const compiled = variants.get(variant);
  if (compiled !== undefined) return compiled;
  if (variants.size >= mostVariants) return null;
  // These and no others: what is compiled lasts, and what a client sent must not.
  const deciding = Object.fromEntries(conditions.map((name) => [name, coerced[name] === true]));
  const made = compile(request, deciding);
  variants.set(variant, made);
  return made;
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
