import type { ContestantName } from './contestant.ts';
import { databaseCpuMs } from './database-cpu.ts';
import type { Databases } from './databases.ts';
import { median, quantile, runLoad } from './load/run-load.ts';
import type { ServerProcess } from './server-process.ts';
import type { WorkloadName } from './workloads.ts';

/** One measurement, or the medians of several. */
export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of the server's process, all threads, per request. */
  readonly cpuMs: number;
  /** CPU of both databases per request; null where it cannot be read. */
  readonly databaseCpuMs: number | null;
  /** Memory of the server's process after the measurement. */
  readonly rssMb: number;
}

export interface Measured extends Figures {
  readonly contestant: ContestantName;
  readonly workload: WorkloadName;
  readonly rounds: readonly Figures[];
}

export interface Load {
  readonly clients: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** Warms up, then measures from an idle server to an idle server, so that every request is counted whole. */
export async function measure(
  server: ServerProcess,
  databases: Databases,
  requests: readonly Buffer[],
  load: Load,
): Promise<Figures> {
  await runLoad(server.port, requests, load);
  const [before, databaseBefore] = [await server.usage(), databaseCpuMs(databases)];
  const result = await runLoad(server.port, requests, load);
  const [after, databaseAfter] = [await server.usage(), databaseCpuMs(databases)];
  return {
    perSecond: result.requests / result.seconds,
    p50Ms: quantile(result.latencies, 0.5),
    p99Ms: quantile(result.latencies, 0.99),
    cpuMs: (after.cpuMs - before.cpuMs) / result.requests,
    databaseCpuMs:
      databaseBefore === null || databaseAfter === null
        ? null
        : (databaseAfter - databaseBefore) / result.requests,
    rssMb: after.rssMb,
  };
}

export function medians(rounds: readonly Figures[]): Figures {
  const of = (pick: (figures: Figures) => number) => median(rounds.map(pick));
  return {
    perSecond: of((figures) => figures.perSecond),
    p50Ms: of((figures) => figures.p50Ms),
    p99Ms: of((figures) => figures.p99Ms),
    cpuMs: of((figures) => figures.cpuMs),
    databaseCpuMs: rounds.every((figures) => figures.databaseCpuMs !== null)
      ? of((figures) => figures.databaseCpuMs as number)
      : null,
    rssMb: of((figures) => figures.rssMb),
  };
}

/**
 * How many times as much one takes as another, in each round: what slows the machine for longer than a round slows both.
 * Empty where it was not measured.
 */
export function ratiosOf(
  one: Measured | undefined,
  base: Measured | undefined,
  pick: (figures: Figures) => number | null,
): number[] {
  if (one === undefined || base === undefined) return [];
  return one.rounds.flatMap((figures, round) => {
    const other = base.rounds[round];
    const [value, divisor] = [pick(figures), other && pick(other)];
    return value == null || divisor == null ? [] : [value / divisor];
  });
}
