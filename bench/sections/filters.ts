import { median, runLoad } from '../load/run-load.ts';
import type { Report } from '../report/report.ts';
import { perform, type Stage } from '../stage.ts';
import { type WorkloadName, workloads } from '../workloads.ts';

/** CPU microseconds of the same pages, in one process by turns. */
interface FilterRow {
  readonly workload: WorkloadName;
  readonly cursor: number;
  readonly filter: number;
  /** The filter's over the cursor's, the median of all rounds. */
  readonly ratio: number;
}

export type FiltersFigures = readonly FilterRow[];

const turns = 12;

/** What a filter adds to a page: the same rows by `where: { key: { gt } }` and by cursor, by turns in one process. */
export async function runFilters(stage: Stage): Promise<FiltersFigures> {
  const { options, signal } = stage;
  await using performer = await perform('tandem', stage);
  const { server } = performer;
  const rows: FilterRow[] = [];
  for (const workload of ['w1', 'w4', 'w7'] as const) {
    const cpuOf = async (requests: readonly Buffer[]) => {
      const before = await server.usage();
      const load = { clients: options.connections, seconds: options.seconds, signal };
      const { requests: count } = await runLoad(server.port, requests, load);
      return ((await server.usage()).cpuMs - before.cpuMs) / count;
    };
    const [byCursor, byFilter] = (['cursor', 'filter'] as const).map((pages) =>
      performer.requests(workload, { ...options.spelling, pages }),
    ) as [Buffer[], Buffer[]];
    for (const requests of [byCursor, byFilter, byCursor, byFilter]) await cpuOf(requests);
    const rounds: { cursor: number; filter: number }[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const first = await cpuOf(turn % 2 === 0 ? byCursor : byFilter);
      const second = await cpuOf(turn % 2 === 0 ? byFilter : byCursor);
      rounds.push(turn % 2 === 0 ? { cursor: first, filter: second } : { cursor: second, filter: first });
    }
    rows.push({
      workload,
      cursor: median(rounds.map(({ cursor }) => cursor * 1000)),
      filter: median(rounds.map(({ filter }) => filter * 1000)),
      ratio: median(rounds.map(({ cursor, filter }) => filter / cursor)),
    });
  }
  return rows;
}

export function reportFilters(figures: FiltersFigures): Report {
  return {
    parts: [
      {
        title: 'A page by filter beside the same page by cursor, in one process',
        table: [
          ['', 'by cursor, CPU µs', 'by filter, CPU µs', '×'],
          ...figures.map(({ workload, cursor, filter, ratio }) => [
            `${workload.toUpperCase()}: ${workloads[workload].what}`,
            cursor.toFixed(0),
            filter.toFixed(0),
            ratio.toFixed(2),
          ]),
        ],
      },
    ],
  };
}
