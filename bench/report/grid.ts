import type { ContestantName } from '../contestant.ts';
import { median } from '../load/run-load.ts';
import { type Arrivals, type Cell, crowds, type GridFigures, medianOf } from '../sections/grid.ts';
import { type WorkloadName, workloads } from '../workloads.ts';
import type { Report } from './report.ts';
import { rangeOf } from './table.ts';
import { type Target, targetTable } from './targets.ts';

/** The grid's tables, and its targets with each one met or missed. */
export function reportGrid(figures: GridFigures): Report {
  return {
    parts: [
      ...crowds.map((clients) => ({
        title: `${clients} clients, old process`,
        table: cellTable(figures, 'old', clients),
      })),
      { title: '50 clients, young process (2 s of work)', table: cellTable(figures, 'young', 50) },
      { title: 'Open arrivals at 70 % of a contestant’s own capacity', table: arrivalTable(figures) },
      { title: 'Memory under W11', table: memoryTable(figures) },
      { title: 'Start to the first answer', table: startTable(figures) },
      { title: 'Targets of the grid', table: targetTable(targetsOf(figures)) },
    ],
  };
}

const head = [
  '',
  '',
  'CPU ms',
  'min–max',
  '× limit',
  'min–max',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'loop p99.9 ms',
  'database CPU × limit',
  'RSS MB',
];

const shown = (value: number | null, digits = 2) => (value === null ? '–' : value.toFixed(digits));

function cellTable(figures: GridFigures, age: 'old' | 'young', clients: number): string[][] {
  const rows = figures.workloads.flatMap((workload) =>
    figures.contestants.flatMap((contestant) => {
      const rounds = figures.cells.get(`${contestant} ${age} ${workload} ${clients}`);
      if (rounds === undefined) return [];
      const of = (pick: (cell: Cell) => number | null, digits?: number) =>
        shown(medianOf(rounds, pick), digits);
      const cpu = ratios(figures, { age, workload, clients }, [contestant, 'limit'], ({ cpuMs }) => cpuMs);
      return [
        [
          workload,
          contestant,
          of(({ cpuMs }) => cpuMs, 3),
          rangeOf(rounds.map(({ cpuMs }) => cpuMs)),
          shown(middle(cpu)),
          cpu.length === 0 ? '–' : rangeOf(cpu),
          of(({ perSecond }) => perSecond, 0),
          of(({ p50Ms }) => p50Ms, 1),
          of(({ p99Ms }) => p99Ms, 1),
          of(({ loopMs }) => loopMs, 1),
          shown(
            middle(
              ratios(
                figures,
                { age, workload, clients },
                [contestant, 'limit'],
                (cell) => cell.databaseCpuMs,
              ),
            ),
          ),
          of(({ rssMb }) => rssMb, 0),
        ],
      ];
    }),
  );
  return [head, ...rows];
}

interface Where {
  readonly age: 'old' | 'young';
  readonly workload: WorkloadName;
  readonly clients: number;
}

/** How many times as much one contestant takes as another, in each round. */
function ratios(
  { cells }: GridFigures,
  { age, workload, clients }: Where,
  [one, base]: readonly [ContestantName, ContestantName],
  pick: (cell: Cell) => number | null,
): number[] {
  const at = (name: ContestantName) => cells.get(`${name} ${age} ${workload} ${clients}`) ?? [];
  return at(one).flatMap((cell, round) => {
    const other = at(base)[round];
    const [value, divisor] = [pick(cell), other === undefined ? null : pick(other)];
    return value === null || divisor === null || divisor === 0 ? [] : [value / divisor];
  });
}

const middle = (values: readonly number[]) => (values.length === 0 ? null : median(values));

function arrivalTable({ arrivals, contestants, workloads: names }: GridFigures): string[][] {
  return [
    ['', '', 'arrivals/s', 'p99 ms'],
    ...names.flatMap((workload) =>
      contestants.flatMap((contestant) => {
        const rounds = arrivals.get(`${contestant} ${workload}`);
        if (rounds === undefined) return [];
        const of = (pick: (one: Arrivals) => number, digits: number) => shown(medianOf(rounds, pick), digits);
        return [[workload, contestant, of((one) => one.perSecond, 0), of((one) => one.p99Ms, 1)]];
      }),
    ),
  ];
}

function memoryTable({ memory, contestants }: GridFigures): string[][] {
  return [
    ['', 'RSS MB in the middle', 'RSS MB at the end'],
    ...contestants.map((name) => [
      name,
      shown(
        medianOf(memory.get(name), (one) => one.middleMb),
        0,
      ),
      shown(
        medianOf(memory.get(name), (one) => one.endMb),
        0,
      ),
    ]),
  ];
}

function startTable({ starts, contestants }: GridFigures): string[][] {
  return [
    ['', 'CPU ms', 'ms'],
    ...contestants.map((name) => [
      name,
      shown(
        medianOf(starts.get(name), (one) => one.cpuMs),
        0,
      ),
      shown(
        medianOf(starts.get(name), (one) => one.ms),
        0,
      ),
    ]),
  ];
}

/** The targets of one run, each with its value; not measured where a contestant or a workload is left out. */
function targetsOf(figures: GridFigures): Target[] {
  const against = (where: Where, base: ContestantName, pick: (cell: Cell) => number | null) => {
    const rounds = ratios(figures, where, ['tandem', base], pick);
    return { unit: '×', rounds, value: middle(rounds) };
  };
  const cells = figures.workloads.flatMap((workload) =>
    crowds
      .map((clients): Where => ({ age: 'old', workload, clients }))
      .filter(({ clients }) => figures.cells.has(`tandem old ${workload} ${clients}`)),
  );
  const named = ({ workload, clients }: Where) => `${workload.toUpperCase()}, ${clients} clients`;
  const end = (name: ContestantName) => medianOf(figures.memory.get(name), (one) => one.endMb);
  const limitMb = end('limit');
  return [
    ...cells.flatMap((where) => {
      const { target } = workloads[where.workload];
      const what = `${named(where)}: CPU of the limit`;
      return target === null
        ? []
        : [{ what, atMost: target, ...against(where, 'limit', ({ cpuMs }) => cpuMs) }];
    }),
    ...cells.map((where) => ({
      what: `${named(where)}: CPU of Mercurius`,
      atMost: where.workload === 'w11' ? 0.8 : 1,
      ...against(where, 'mercurius', ({ cpuMs }) => cpuMs),
    })),
    ...cells.map((where) => ({
      what: `${named(where)}: p99 of the limit`,
      atMost: 1.5,
      ...against(where, 'limit', ({ p99Ms }) => p99Ms),
    })),
    ...cells.map((where) => ({
      what: `${named(where)}: event loop p99.9 of the limit`,
      atMost: 1.5,
      ...against(where, 'limit', ({ loopMs }) => loopMs),
    })),
    ...cells
      .filter(({ clients, workload }) => clients === 20 && workload !== 'w11')
      .map((where) => ({
        what: `${named(where)}: database CPU of the limit`,
        atMost: 1.1,
        ...against(where, 'limit', (cell) => cell.databaseCpuMs),
      })),
    ...figures.workloads
      .filter((workload) => figures.arrivals.has(`tandem ${workload}`))
      .map((workload) => {
        const of = (name: ContestantName) => figures.arrivals.get(`${name} ${workload}`) ?? [];
        const rounds = of('tandem').flatMap(({ p99Ms }, round) => {
          const limit = of('limit')[round];
          return limit === undefined ? [] : [p99Ms / limit.p99Ms];
        });
        const what = `${workload.toUpperCase()}, open arrivals: p99 of the limit`;
        return { what, atMost: 1.3, unit: '×', rounds, value: middle(rounds) };
      }),
    ...(limitMb === null
      ? []
      : [{ what: 'W11: memory at the end', atMost: limitMb + 60, unit: ' MB', value: end('tandem') }]),
    {
      what: 'W11: memory at the end, of that in the middle',
      atMost: 1.05,
      unit: '×',
      ...flatness(figures.memory.get('tandem') ?? []),
    },
    {
      what: 'From the start to the first answer',
      atMost: 1,
      unit: ' s',
      rounds: (figures.starts.get('tandem') ?? []).map(({ ms }) => ms / 1000),
      value: medianOf(figures.starts.get('tandem'), ({ ms }) => ms / 1000),
    },
  ];
}

function flatness(rounds: readonly { readonly middleMb: number; readonly endMb: number }[]) {
  const ratios = rounds.map(({ middleMb, endMb }) => endMb / middleMb);
  return { rounds: ratios, value: middle(ratios) };
}
