import { perSource, type SourceName } from '../source-name.ts';
import { addMembers } from '../util/add-members.ts';
import type { PoolStats } from './observer.ts';

/** The state of both sources' pools. */
export type Totals = Readonly<Record<SourceName, PoolStats>>;

const worstFirst = ['OPEN', 'HALF_OPEN', 'CLOSED'] as const;

/** The state of all processes' pools together; of their breakers, the worst. At least one process is given. */
export function totalOf(processes: readonly Totals[]): Totals {
  return perSource((name) => processes.map((one) => one[name]).reduce(sum));
}

function sum({ breaker: one, ...numbers }: PoolStats, { breaker: other, ...others }: PoolStats): PoolStats {
  const breaker = worstFirst.find((state) => one === state || other === state) ?? 'CLOSED';
  return { ...addMembers(numbers, others), breaker };
}
