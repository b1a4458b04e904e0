import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../errors/codes.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Log } from '../log/log.ts';
import { coercionErrorCode } from './coercion-errors.ts';

const forOperators: ReadonlySet<ErrorCode> = new Set([
  'SOURCE_UNAVAILABLE',
  'SCHEMA_OUTDATED',
  'UNREADABLE_VALUE',
]);

/** Errors of one operation that get lines of their own: a client decides how many there are. */
const most = 3;

/** Characters of a name that a client chose. */
const longestName = 100;

const levels = ['error', 'warn', 'info'] as const;

interface Line {
  readonly level: (typeof levels)[number];
  readonly code: string;
  readonly text: string;
  readonly fields: object;
}

/**
 * Logs the reasons of an operation's errors, each at the level of the one who can mend it: client, operator, or developer. The first
 * few have lines of their own, the gravest before others; one line counts the rest by their codes.
 */
export function logErrors(
  { log, requestId }: { readonly log: Log; readonly requestId: string },
  operation: string | null,
  errors: readonly GraphQLError[],
): void {
  const about = { requestId, operation: operation?.slice(0, longestName) ?? null };
  const lines = errors
    .map(lineOf)
    .toSorted((one, other) => levels.indexOf(one.level) - levels.indexOf(other.level));
  for (const { level, fields, text } of lines.slice(0, most)) log[level]({ ...about, ...fields }, text);
  const [next, ...others] = lines.slice(most);
  if (next === undefined) return;
  const codes: Record<string, number> = {};
  for (const { code } of [next, ...others]) codes[code] = (codes[code] ?? 0) + 1;
  log[next.level]({ ...about, code: next.code, codes }, 'operation has more errors');
}

function lineOf(error: GraphQLError): Line {
  const original = unwrapResolverError(error);
  const path = error.path?.map((step) => (typeof step === 'string' ? step.slice(0, longestName) : step));
  if (original instanceof TandemError) {
    const { code, source } = original.extensions;
    const level = forOperators.has(code) ? 'warn' : 'info';
    const fields = { path, code, source, reason: original.reason ?? undefined, err: original.cause };
    return { level, code, text: 'operation failed', fields };
  }
  if (original instanceof GraphQLError) {
    const code = String(original.extensions.code ?? coercionErrorCode(original));
    return { level: 'info', code, text: 'operation refused', fields: { path, code } };
  }
  const fields = { path, err: original };
  return { level: 'error', code: 'INTERNAL_SERVER_ERROR', text: 'operation failed unexpectedly', fields };
}
