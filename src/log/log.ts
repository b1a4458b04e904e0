import { type DestinationStream, type LogFn, type Logger, pino } from 'pino';
import { logToStdout } from './output.ts';

export type Log = Logger;

const secrets = [
  'password',
  '*.password',
  '*.*.password',
  'headers.authorization',
  'headers.cookie',
  '*.sql',
  '*.sqlMessage',
  'sql',
  'sqlMessage',
];

export interface LogOptions {
  readonly level: string;
  /** The other fields of each line, such as the trace that it belongs to. */
  readonly fields?: () => object;
}

/**
 * A structured log: a JSON object a line, on stdout unless a destination is given.
 *
 * Errors are reduced to their type, codes and stack frames: a driver's message, SQL and parameters hold rows'
 * values, which must never be logged.
 */
export function createLog(
  { level, fields }: LogOptions,
  destination: DestinationStream = logToStdout(),
): Log {
  const options = {
    level,
    base: null,
    redact: secrets,
    serializers: { err: describeError, req: describeRequest },
    hooks: { logMethod: nameErrors },
    ...(fields && { mixin: fields }),
  };
  return pino(options, destination);
}

/**
 * The log of what requests have in common: an id, a method, a route, a status and a time. None of these is a secret, and looking
 * through them for one cost a small read a twentieth of its CPU.
 */
export function requestLog(log: Log): Log {
  return log.child({}, { redact: [] });
}

/** Gives a line that has an error and no text a text of ours: pino would take the error's. */
function nameErrors(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first] = args as [unknown];
  const error = first instanceof Error ? { err: first } : first;
  if (typeof error !== 'object' || error === null || !('err' in error)) {
    method.apply(this, args);
    return;
  }
  const [, text = 'error', ...rest] = args as [unknown, string?, ...unknown[]];
  method.call(this, error, text, ...rest);
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, errno, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  // A code says enough; where there is none, the frames do. The first line of a stack is the message.
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  const stack = code === undefined ? frames?.slice(0, 8) : undefined;
  // Why a certificate was refused, or what a command ended with, is in the text alone, and no row was read yet.
  const reason = /^HANDSHAKE_SSL_ERROR$|^PASSWORD_COMMAND_/.test(code ?? '') ? error.message : undefined;
  return { type: error.name, code, errno, syscall, address, port, reason, stack };
}

// Not the query string: a GET carries documents and variables there. Nor a path that is not one of ours, which holds
// whatever a client put there.
function describeRequest(request: {
  readonly method: string;
  readonly routeOptions?: { readonly url?: string | undefined };
}): unknown {
  return { method: request.method, path: request.routeOptions?.url ?? 'unknown' };
}
