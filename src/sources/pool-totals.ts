import { perSource, type SourceName } from '../source-name.ts';
import type { PoolStats } from './observer.ts';

/** What the pools of both sources do. */
export type Totals = Readonly<Record<SourceName, PoolStats>>;

const worstFirst = ['OPEN', 'HALF_OPEN', 'CLOSED'] as const;

/** What the pools of all processes do together; of their breakers, the worst. At least one process is given. */
export function totalOf(processes: readonly Totals[]): Totals {
  return perSource((name) => processes.map((one) => one[name]).reduce(sum));
}

function sum(one: PoolStats, other: PoolStats): PoolStats {
  return {
    max: one.max + other.max,
    inUse: one.inUse + other.inUse,
    idle: one.idle + other.idle,
    connecting: one.connecting + other.connecting,
    waiting: one.waiting + other.waiting,
    closing: one.closing + other.closing,
    control: one.control + other.control,
    breaker: worstFirst.find((state) => one.breaker === state || other.breaker === state) ?? 'CLOSED',
  };
}
