import { type Arrivals, type Cell, crowds, type GridFigures, medianOf } from '../sections/grid.ts';
import { type GridTarget, gridTargets, middle, ratiosIn } from './grid-targets.ts';
import type { Report } from './report.ts';
import { rangeOf } from './table.ts';
import { shownTarget, targetTable } from './targets.ts';

/** Every target met or missed, and the grid's tables. */
export function reportGrid(figures: GridFigures): Report {
  const targets = gridTargets(figures);
  const [inCells, others] = [
    targets.filter(({ cell }) => cell !== null),
    targets.filter(({ cell }) => cell === null),
  ];
  return {
    parts: [
      {
        title: 'Targets: medians, what they are at most, and the lowest and highest round',
        table: matrixOf(inCells),
      },
      { title: 'Targets of a process', table: targetTable(others) },
      ...tablesOf(figures).map((part) => ({ ...part, detail: true as const })),
    ],
  };
}

/** A row for each workload and number of clients, a column for each kind of target. */
function matrixOf(targets: readonly GridTarget[]): string[][] {
  const kinds = [...new Set(targets.map(({ kind }) => kind))];
  const cells = [...new Set(targets.map(({ cell }) => cell as string))];
  return [
    ['', ...kinds],
    ...cells.map((cell) => [
      cell,
      ...kinds.map((kind) => {
        const target = targets.find((each) => each.cell === cell && each.kind === kind);
        return target === undefined ? '' : shownTarget(target);
      }),
    ]),
  ];
}

function tablesOf(figures: GridFigures): Report['parts'] {
  return [
    ...crowds.map((clients) => ({
      title: `${clients} clients, old process`,
      table: cellTable(figures, 'old', clients),
    })),
    { title: '50 clients, young process (2 s of work)', table: cellTable(figures, 'young', 50) },
    { title: 'Open arrivals at 70 % of a contestant’s own capacity', table: arrivalTable(figures) },
    { title: 'Memory under W11', table: memoryTable(figures) },
    { title: 'Start to the first answer', table: startTable(figures) },
  ];
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
      const cpu = ratiosIn(figures, { age, workload, clients }, [contestant, 'limit'], ({ cpuMs }) => cpuMs);
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
              ratiosIn(
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
