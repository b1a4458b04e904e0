import { ClusterError } from '../cluster/errors.ts';
import { ConfigError } from '../config/config-error.ts';
import { NothingToCompare } from '../drift/comparison-scope.ts';
import { explainReason } from '../errors/database-faults.ts';
import { EntityError } from '../errors/entity-error.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { LocalError } from '../local/errors.ts';
import { MigrationError } from '../migrator/result.ts';
import { describeSystemError } from './describe-system-error.ts';

/** What a person at the terminal can act on; a stack only where the fault is ours. */
export function describeError(error: unknown): string {
  if (error instanceof ConfigError || error instanceof LocalError || error instanceof ClusterError) {
    return error.message;
  }
  if (error instanceof MigrationError || error instanceof NothingToCompare || error instanceof EntityError) {
    return error.message;
  }
  if (error instanceof TandemError) return describeTandemError(error);
  const system = describeSystemError(Object(error));
  if (system !== null) return system;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Code, cause and remedy: those of the reason where there is one, since an operator reads this and no client. */
function describeTandemError({ code, message, reason, extensions }: TandemError): string {
  const { source, remedy, fields = [] } = extensions;
  if (reason === null || source === undefined) {
    const problems = fields.map((field) => `  ${field.path} ${field.message}`);
    return [`${code}: ${message}`, ...problems, `Next: ${remedy}`].join('\n');
  }
  const why = explainReason(reason, source);
  return [`${code}: ${message}`, `${reason}: ${why.cause}`, `Next: ${why.remedy}`].join('\n');
}
