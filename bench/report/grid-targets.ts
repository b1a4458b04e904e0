import type { ContestantName } from '../contestant.ts';
import { median } from '../load/run-load.ts';
import { type Arrivals, type Cell, crowds, type GridFigures, medianOf } from '../sections/grid.ts';
import { type WorkloadName, workloads } from '../workloads.ts';
import type { Target } from './targets.ts';

/** A target of the grid: of one workload with so many clients, or of the process. */
export interface GridTarget extends Target {
  readonly kind: string;
  /** Null for one of the process. */
  readonly cell: string | null;
}

export interface Where {
  readonly age: 'old' | 'young';
  readonly workload: WorkloadName;
  readonly clients: number;
}

/** How many times as much one contestant takes as another, in each round. */
export function ratiosIn(
  { cells }: Pick<GridFigures, 'cells'>,
  { age, workload, clients }: Where,
  [one, base]: readonly [ContestantName, ContestantName],
  pick: (cell: Cell) => number | null,
): number[] {
  const at = (name: ContestantName) => cells.get(`${name} ${age} ${workload} ${clients}`) ?? [];
  return quotients(at(one), at(base), pick);
}

function quotients<T>(one: readonly T[], base: readonly T[], pick: (of: T) => number | null): number[] {
  return one.flatMap((each, round) => {
    const other = base[round];
    const [value, divisor] = [pick(each), other === undefined ? null : pick(other)];
    return value === null || divisor === null || divisor === 0 ? [] : [value / divisor];
  });
}

export const middle = (values: readonly number[]) => (values.length === 0 ? null : median(values));

/** Megabytes that an old process may have above the limit's. */
const mostAboveLimitMb = 60;
/** Of the databases: those that read, and one row written. */
const databaseWorkloads: ReadonlySet<WorkloadName> = new Set([
  'w1',
  'w2',
  'w3',
  'w4',
  'w5',
  'w6',
  'w7',
  'w8',
]);

/** The targets of one run, each with its value; null where a contestant or a workload is left out. */
export function gridTargets(figures: GridFigures): GridTarget[] {
  const cells = figures.workloads.flatMap((workload) =>
    crowds
      .map((clients): Where => ({ age: 'old', workload, clients }))
      .filter(({ clients }) => figures.cells.has(`tandem old ${workload} ${clients}`)),
  );
  return [...cells.flatMap((where) => targetsAt(figures, where)), ...targetsOfProcess(figures)];
}

function targetsAt(figures: GridFigures, where: Where): GridTarget[] {
  const { workload, clients } = where;
  const cell = `${workload.toUpperCase()}, ${clients} clients`;
  const ratio = (kind: string, atMost: number, rounds: readonly number[]): GridTarget => ({
    kind,
    cell,
    what: `${cell}: ${kind}`,
    atMost,
    unit: '×',
    rounds,
    value: middle(rounds),
  });
  const of = (base: ContestantName, pick: (cell: Cell) => number | null) =>
    ratiosIn(figures, where, ['tandem', base], pick);
  const { target } = workloads[workload];
  const arrivals = (name: ContestantName): readonly Arrivals[] =>
    clients === 50 ? (figures.arrivals.get(`${name} ${workload}`) ?? []) : [];
  const open = quotients(arrivals('tandem'), arrivals('limit'), ({ p99Ms }) => p99Ms);
  return [
    ...(target === null
      ? []
      : [
          ratio(
            'CPU × limit',
            target,
            of('limit', ({ cpuMs }) => cpuMs),
          ),
        ]),
    ratio(
      'CPU × Mercurius',
      workload === 'w11' ? 0.8 : 1,
      of('mercurius', ({ cpuMs }) => cpuMs),
    ),
    ratio(
      'p99 × limit',
      1.5,
      of('limit', ({ p99Ms }) => p99Ms),
    ),
    ...(open.length === 0 ? [] : [ratio('p99 × limit, open arrivals', 1.3, open)]),
    ratio(
      'event loop p99.9 × limit',
      1.5,
      of('limit', ({ loopMs }) => loopMs),
    ),
    ...(clients === 20 && databaseWorkloads.has(workload)
      ? [
          ratio(
            'database CPU × limit',
            1.1,
            of('limit', ({ databaseCpuMs }) => databaseCpuMs),
          ),
        ]
      : []),
  ];
}

function targetsOfProcess({ memory, starts }: GridFigures): GridTarget[] {
  const ends = (name: ContestantName) => (memory.get(name) ?? []).map(({ endMb }) => endMb);
  const limitMb = medianOf(memory.get('limit'), ({ endMb }) => endMb);
  const growth = (memory.get('tandem') ?? []).map(({ middleMb, endMb }) => endMb / middleMb);
  const seconds = (starts.get('tandem') ?? []).map(({ ms }) => ms / 1000);
  const target = (kind: string, atMost: number, unit: string, rounds: readonly number[]): GridTarget => ({
    kind,
    cell: null,
    what: kind,
    atMost,
    unit,
    rounds,
    value: middle(rounds),
  });
  return [
    ...(limitMb === null
      ? []
      : [target('W11: memory at the end', limitMb + mostAboveLimitMb, ' MB', ends('tandem'))]),
    target('W11: memory at the end, of that in the middle', 1.05, '×', growth),
    target('From the start to the first answer', 1, ' s', seconds),
  ];
}
