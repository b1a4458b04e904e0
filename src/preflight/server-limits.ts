import type { PreflightProblemKind } from '../errors/exit-codes.ts';

/** The limits of the server, and the demand of this deployment. */
export interface ServerLimits {
  readonly maxConnections: number;
  /** The most sessions of the runtime account; 0: as many as the server's. */
  readonly maxUserConnections: number;
  readonly waitTimeoutSeconds: number;
  readonly maxAllowedPacket: number;
  /** Connections that all processes together may open. */
  readonly demand: number;
  /** How that comes about, such as `POOL_MAX 20`. */
  readonly demandText: string;
  /** How long a pool keeps an unused connection. */
  readonly idleTimeoutMs: number;
}

/** The body of a request is at most 1 MiB, and its statement may take a few times that. */
const PACKET_ENOUGH = 4 * 1024 * 1024;

/** Compares both. Too few connections fail only under load, as errors that no test shows. */
export function limitProblems(limits: ServerLimits): {
  readonly kind: PreflightProblemKind;
  readonly severity: 'failure' | 'warning';
  readonly cause: string;
}[] {
  const { demand, demandText, maxConnections, maxUserConnections } = limits;
  const problems: ReturnType<typeof limitProblems> = [];
  const add = (kind: PreflightProblemKind, severity: 'failure' | 'warning', cause: string) =>
    problems.push({ kind, severity, cause });
  if (maxUserConnections > 0 && demand > maxUserConnections) {
    add(
      'CONNECTIONS_TOO_FEW',
      'failure',
      `The pools may open ${demand} connections (${demandText}), but the account may hold ${maxUserConnections} (MAX_USER_CONNECTIONS).`,
    );
  }
  if (demand > maxConnections) {
    add(
      'CONNECTIONS_TOO_FEW',
      'failure',
      `The pools may open ${demand} connections (${demandText}), but the server allows ${maxConnections} in all (max_connections).`,
    );
  } else if (demand > maxConnections * 0.8) {
    add(
      'CONNECTIONS_SCARCE',
      'warning',
      `The pools may take ${demand} (${demandText}) of the ${maxConnections} connections that the server allows (max_connections).`,
    );
  }
  if (limits.waitTimeoutSeconds * 1000 <= limits.idleTimeoutMs) {
    add(
      'WAIT_TIMEOUT_SHORT',
      'warning',
      `The server closes unused connections after ${limits.waitTimeoutSeconds} s (wait_timeout), before the pool does after ${limits.idleTimeoutMs / 1000} s (POOL_IDLE_TIMEOUT_MS).`,
    );
  }
  if (limits.maxAllowedPacket < PACKET_ENOUGH) {
    add(
      'PACKET_SMALL',
      'warning',
      `The server takes statements of at most ${Math.floor(limits.maxAllowedPacket / 1024)} KiB (max_allowed_packet).`,
    );
  }
  return problems;
}
