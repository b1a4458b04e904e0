import { perSource, type SourceName } from '../source-name.ts';
import { addMembers } from '../util/add-members.ts';
import type { PoolStats } from './observer.ts';

/** What the pools of both sources do. */
export type Totals = Readonly<Record<SourceName, PoolStats>>;

const worstFirst = ['OPEN', 'HALF_OPEN', 'CLOSED'] as const;

/** What the pools of all processes do together; of their breakers, the worst. At least one process is given. */
export function totalOf(processes: readonly Totals[]): Totals {
  return perSource((name) => processes.map((one) => one[name]).reduce(sum));
}

function sum({ breaker: one, ...numbers }: PoolStats, { breaker: other, ...others }: PoolStats): PoolStats {
  const breaker = worstFirst.find((state) => one === state || other === state) ?? 'CLOSED';
  return { ...addMembers(numbers, others), breaker };
}
