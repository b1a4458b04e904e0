import { median } from '../load/run-load.ts';
import { ratiosOf } from '../measure.ts';
import type { MainFigures } from '../sections/main.ts';
import { type WorkloadName, workloadNames, workloads } from '../workloads.ts';
import { againstParts } from './against.ts';
import type { Report } from './report.ts';
import { rangeOf, type Table } from './table.ts';
import { targetsOf, targetTable } from './targets.ts';

const head = [
  '',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'CPU ms',
  'min–max',
  '× limit',
  'database CPU ms',
  '× limit',
  'RSS MB',
];

export function reportMain(figures: MainFigures): Report {
  const measured = workloadNames.filter((name) => figures.measured.some(({ workload }) => workload === name));
  return {
    parts: [
      ...measured.map((workload) => ({
        title: `${workload.toUpperCase()}: ${workloads[workload].what}`,
        table: workloadTable(figures, workload),
        ...absentNote(figures, workload),
      })),
      ...againstParts(figures),
      ...(figures.against === null
        ? [{ title: 'Targets', table: targetTable(targetsOf(figures)), detail: true as const }]
        : []),
    ],
  };
}

/** The contestants at one workload, with ratios to the limit where it took part. */
function workloadTable({ measured }: MainFigures, workload: WorkloadName): Table {
  const rows = measured.filter((each) => each.workload === workload);
  const limit = rows.find(({ contestant }) => contestant === 'limit');
  return [
    head,
    ...rows.map((row) => [
      row.contestant,
      row.perSecond.toFixed(0),
      row.p50Ms.toFixed(1),
      row.p99Ms.toFixed(1),
      row.cpuMs.toFixed(3),
      rangeOf(row.rounds.map(({ cpuMs }) => cpuMs)),
      shown(ratiosOf(row, limit, ({ cpuMs }) => cpuMs)),
      row.databaseCpuMs?.toFixed(3) ?? '–',
      shown(ratiosOf(row, limit, ({ databaseCpuMs }) => databaseCpuMs)),
      row.rssMb.toFixed(0),
    ]),
  ];
}

const shown = (ratios: readonly number[]) => (ratios.length === 0 ? '–' : median(ratios).toFixed(2));

function absentNote({ absent }: MainFigures, asked: WorkloadName) {
  const names = absent.filter(({ workload }) => workload === asked).map(({ contestant }) => contestant);
  return names.length === 0 ? {} : { note: `Not in the API of ${names.join(', ')}.` };
}
