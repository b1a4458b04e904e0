import type { Competition } from '../compete.ts';
import { type WorkloadName, workloads } from '../workloads.ts';

/** A table's cells; the first row is its head. */
export type Table = readonly (readonly string[])[];

const head = [
  '',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'CPU ms',
  '× limit',
  'database CPU ms',
  '× limit',
  'RSS MB',
];

/** The contestants at one workload, with ratios to the limit where it took part. */
export function workloadTable({ measured }: Competition, workload: WorkloadName): Table {
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
      ratio(row.cpuMs, limit?.cpuMs),
      row.databaseCpuMs?.toFixed(3) ?? '–',
      ratio(row.databaseCpuMs, limit?.databaseCpuMs),
      row.rssMb.toFixed(0),
    ]),
  ];
}

export function workloadTitle(workload: WorkloadName): string {
  return `${workload.toUpperCase()}: ${workloads[workload].what}`;
}

export function ratio(value: number | null | undefined, base: number | null | undefined): string {
  return value == null || base == null || base === 0 ? '–' : (value / base).toFixed(2);
}

/** For a terminal: columns aligned, numbers to the right. */
export function alignTable(table: Table): string {
  const widths = (table[0] as readonly string[]).map((_, column) =>
    Math.max(...table.map((row) => (row[column] as string).length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
      )
      .join('  ');
  return table.map((row) => `  ${line(row).trimEnd()}`).join('\n');
}

export function markdownTable([head = [], ...rows]: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
