import type { SourceName } from '../source-name.ts';
import type { BreakerState } from './pool/breaker.ts';

/** A statement that came to its end. */
export interface Statement {
  /** `control` is the pool's own: probes, BEGIN and COMMIT. */
  readonly kind: 'read' | 'write' | 'control';
  /** Milliseconds from sending it to its end, waiting for a connection left out. */
  readonly ms: number;
  /** Its text. The ORM writes values into it: never show it as it is. */
  readonly sql: string;
  /** Why it failed; absent where it did not. */
  readonly error?: unknown;
}

/** Gets the events of a source. It leaves out the hooks that it does not need, and these cost nothing. */
export interface SourceObserver {
  /** Called in the asynchronous context of the request: what it answers comes with the request's statements. */
  capture?(): unknown;
  /** A caller got a connection after so many milliseconds. */
  acquired?(source: SourceName, ms: number): void;
  statement?(source: SourceName, about: Statement, captured: unknown): void;
  created?(source: SourceName): void;
  closed?(source: SourceName, reason: string): void;
  timedOut?(
    source: SourceName,
    what: 'connect' | 'acquire' | 'statement' | 'transaction' | 'operation',
  ): void;
  breaker?(source: SourceName, state: BreakerState): void;
  /** Reads go to a replica from now on, or do so no more. */
  replica?(source: SourceName, replica: string, state: ReplicaState): void;
}

/** Whether reads go to a replica, and why not. */
export type ReplicaState = 'USED' | 'BEHIND' | 'DOWN' | 'UNKNOWN';

/** A replica as it was when it was last looked at. */
export interface ReplicaStats {
  /** Host and port. */
  readonly name: string;
  readonly state: ReplicaState;
  /** Milliseconds by which it was behind at most; undefined where that is not known. */
  readonly lagMs: number | undefined;
  /** Reads that it has answered. */
  readonly reads: number;
  readonly pool: PoolStats;
}

/** The state of a pool's connections at this moment. */
export interface PoolStats {
  readonly max: number;
  readonly inUse: number;
  readonly idle: number;
  readonly connecting: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
  /** Said good-bye to, or given up: they keep their place until the server is known to have ended them. */
  readonly closing: number;
  /** The pool's own, for KILL and probes: 0 or 1. */
  readonly control: number;
  readonly breaker: BreakerState;
}
