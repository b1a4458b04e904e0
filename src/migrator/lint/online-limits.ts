import type { AlterClause } from './alter-clause.ts';
import type { Impact } from './impact.ts';

/** The rule about what other sessions wait for; null where they wait for nothing. */
export function waitFor({
  algorithm,
  lock,
  rebuilds,
}: Impact): 'table-copy' | 'blocks-writes' | 'table-rebuild' | null {
  if (algorithm === 'COPY') return 'table-copy';
  if (lock === 'SHARED') return 'blocks-writes';
  return rebuilds ? 'table-rebuild' : null;
}

const ranks = { INSTANT: 0, INPLACE: 1, COPY: 2 } as const;

/** The fault of the ALGORITHM and LOCK that a statement asks for; null where they have none. */
export function refusedLimits(clauses: readonly AlterClause[], impact: Impact): string | null {
  const asked = (what: 'ALGORITHM' | 'LOCK') =>
    clauses.find((clause) => clause.does === 'limits' && clause.what === what) as
      | { value?: string }
      | undefined;
  const [algorithm, lock] = [asked('ALGORITHM')?.value, asked('LOCK')?.value];
  const rank = ranks[algorithm as keyof typeof ranks];
  const offered = `MySQL does it with ALGORITHM=${impact.algorithm}${impact.algorithm === 'INSTANT' ? '' : `, LOCK=${impact.lock}`}`;
  if (impact.certain && rank !== undefined && rank < ranks[impact.algorithm]) {
    return `ALGORITHM=${algorithm} is refused; ${offered}.`;
  }
  const copies = rank === ranks.COPY || impact.lock === 'SHARED';
  return impact.certain && lock === 'NONE' && copies ? `LOCK=NONE is refused; ${offered}.` : null;
}
