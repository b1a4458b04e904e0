import { ConfigError } from '../config.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { LocalError } from '../local/errors.ts';

/** What a person at the terminal can act on; a stack only where the fault is ours. */
export function describeError(error: unknown): string {
  if (error instanceof ConfigError || error instanceof LocalError) return error.message;
  if (error instanceof TandemError) {
    const reason = (error.cause as NodeJS.ErrnoException | undefined)?.code;
    const lines = [error.message, reason && `Reason: ${reason}`, error.extensions.remedy];
    return lines.filter((line) => line !== undefined).join('\n');
  }
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program. Set PORT to another one, or end that program.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
