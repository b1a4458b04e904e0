import type { SourceName } from '../source-name.ts';

/** Who wants to know what a source does. */
export interface SourceObserver {
  acquired?(source: SourceName, ms: number): void;
  statement?(
    source: SourceName,
    about: { kind: 'read' | 'write' | 'control'; ms: number; sql: string; error?: unknown },
  ): void;
  created?(source: SourceName): void;
  closed?(source: SourceName, reason: string): void;
  timedOut?(source: SourceName, what: 'connect' | 'acquire' | 'statement' | 'transaction'): void;
  breaker?(source: SourceName, state: 'CLOSED' | 'OPEN' | 'HALF_OPEN'): void;
}
