import { ClusterError } from '../cluster/errors.ts';
import { ConfigError } from '../config/config-error.ts';
import { NothingToCompare } from '../drift/comparison-scope.ts';
import { NoSuchTable } from '../erd/narrow-diagram.ts';
import { entityErrorOf } from '../errors/declaration-error.ts';
import { explainReason } from '../errors/explain-reason.ts';
import { explanationLines } from '../errors/explanation.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { LocalError } from '../local/errors.ts';
import { MigrationError } from '../migrator/result.ts';
import { RunStopped } from '../parity/run-stopped.ts';
import { explainSystemError } from './explain-system-error.ts';

/** Errors whose message names the cause and the remedy. */
const forPeople = [
  ClusterError,
  ConfigError,
  LocalError,
  MigrationError,
  NoSuchTable,
  NothingToCompare,
] as const;

/** The text of an error for a person at the terminal; a stack only where the fault is ours. */
export function describeError(error: unknown): string {
  if (error instanceof Error && forPeople.some((kind) => error instanceof kind)) return error.message;
  // Errors of decorators, which run when a file is read, have not come through ours.
  const entities = entityErrorOf(error);
  if (entities !== null) return entities.message;
  if (error instanceof RunStopped) return error.message;
  if (error instanceof TandemError) return describeTandemError(error);
  const explained = explainSystemError(Object(error));
  if (explained !== null) return explanationLines(explained).join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Code, cause and remedy: those of the reason where there is one, since an operator reads this and no client. */
function describeTandemError({ code, message, reason, extensions }: TandemError): string {
  const { source, remedy, fields = [] } = extensions;
  if (reason === null || source === undefined) {
    const problems = fields.map((field) => `\n  ${field.path} ${field.message}`);
    const cause = `${message}${problems.join('')}`;
    return explanationLines({ cause, remedy }, { label: code }).join('\n');
  }
  return [`${code}: ${message}`, ...explanationLines(explainReason(reason, source), { label: reason })].join(
    '\n',
  );
}
