import type { ContestantName } from '../contestant.ts';
import { median } from '../load/run-load.ts';
import { type Figures, ratiosOf } from '../measure.ts';
import { crowdSize, type MainFigures } from '../sections/main.ts';
import { type WorkloadName, workloadNames, workloads } from '../workloads.ts';
import { rangeOf } from './table.ts';

/** One thing wished for, and what came of it; `value` is null where it was not measured. */
export interface Target {
  readonly what: string;
  readonly atMost: number;
  readonly unit: string;
  readonly value: number | null;
  /** The value of each round, where it is a ratio to somebody else's. */
  readonly rounds?: readonly number[];
}

/** Every target: CPU as a ratio, since that hardly depends on the machine. */
export function targetsOf(figures: MainFigures): Target[] {
  const find = (contestant: ContestantName, workload: WorkloadName) =>
    figures.measured.find((each) => each.contestant === contestant && each.workload === workload);
  const against = (
    workload: WorkloadName,
    base: ContestantName,
    pick: (figures: Figures) => number | null,
  ) => {
    const rounds = ratiosOf(find('tandem', workload), find(base, workload), pick);
    return { unit: '×', rounds, value: rounds.length === 0 ? null : median(rounds) };
  };
  const cpu = ({ cpuMs }: Figures) => cpuMs;
  const { crowd } = figures;
  const { tandem: startMs = [] } = figures.startMs;
  return [
    ...workloadNames.flatMap((name) => {
      const { target } = workloads[name];
      const what = `${name.toUpperCase()}: CPU of the limit`;
      return target === null ? [] : [{ what, atMost: target, ...against(name, 'limit', cpu) }];
    }),
    ...workloadNames.map((name) => ({
      what: `${name.toUpperCase()}: CPU of Mercurius`,
      atMost: name === 'w11' ? 0.8 : 1,
      ...against(name, 'mercurius', cpu),
    })),
    {
      what: 'W1: database CPU of the limit',
      atMost: 1.1,
      ...against('w1', 'limit', ({ databaseCpuMs }) => databaseCpuMs),
    },
    {
      what: `W1, ${crowdSize} clients: p99 of p50`,
      atMost: 3,
      unit: '×',
      value: quotient(crowd?.p99Ms, crowd?.p50Ms),
    },
    { what: 'W1: memory', atMost: 220, unit: ' MB', value: find('tandem', 'w1')?.rssMb ?? null },
    {
      what: 'Process start to first answer',
      atMost: 1,
      unit: ' s',
      value: startMs.length === 0 ? null : median(startMs) / 1000,
    },
  ];
}

export function verdict({ value, atMost }: Target): 'met' | 'missed' | 'not measured' {
  return value === null ? 'not measured' : value <= atMost ? 'met' : 'missed';
}

/** A target in one cell of a table: `1.20 ≤ 1.25 (1.10–1.31)` where it is met. */
export function shownTarget({ value, atMost, rounds = [] }: Target): string {
  if (value === null) return '–';
  const range = rounds.length < 2 ? '' : ` (${rangeOf(rounds)})`;
  return `${value.toFixed(2)} ${value <= atMost ? '≤' : '>'} ${atMost.toFixed(2)}${range}`;
}

/** The targets as a table; the first row is its head. */
export function targetTable(targets: readonly Target[]): string[][] {
  const shown = (value: number, unit: string) =>
    `${value >= 100 ? value.toFixed(0) : value.toFixed(2)}${unit}`;
  return [
    ['Target', 'at most', 'measured', '', 'min–max'],
    ...targets.map((target) => [
      target.what,
      shown(target.atMost, target.unit),
      target.value === null ? '–' : shown(target.value, target.unit),
      verdict(target),
      target.rounds === undefined || target.rounds.length === 0 ? '' : rangeOf(target.rounds),
    ]),
  ];
}

function quotient(value: number | null | undefined, base: number | null | undefined): number | null {
  return value == null || base == null ? null : value / base;
}
