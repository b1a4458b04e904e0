import type { ContestantName } from '../contestant.ts';
import { Lists } from '../list-map.ts';
import { runLoad } from '../load/run-load.ts';
import type { Report } from '../report/report.ts';
import { collectionFlags } from '../server-process.ts';
import { perform, type Stage } from '../stage.ts';
import type { WorkloadName } from '../workloads.ts';
import { crowdsOf, medianOf } from './grid.ts';

/** Bytes of the heap that one request takes. */
interface HeapRow {
  readonly contestant: ContestantName;
  readonly workload: WorkloadName;
  readonly clients: number;
  readonly allocated: number;
  readonly survived: number;
  readonly promoted: number;
}

export type HeapFigures = readonly HeapRow[];

const warmUpSeconds = 4;

/** What a request allocates, and what of it outlives a collection, by V8's own count of each collection. */
export async function runHeap(stage: Stage): Promise<HeapFigures> {
  const { options, signal } = stage;
  const rows = new Lists<HeapRow>();
  for (let round = 0; round < options.rounds; round++) {
    for (const contestant of options.contestants) {
      await using performer = await perform(contestant, stage, collectionFlags);
      const { server, requests } = performer;
      for (const workload of options.only) {
        if (requests(workload).length === 0) continue;
        for (const clients of crowdsOf(workload)) {
          await runLoad(server.port, requests(workload), { clients, seconds: warmUpSeconds, signal });
          const before = server.collections();
          const load = { clients, seconds: options.seconds, signal };
          const { requests: count } = await runLoad(server.port, requests(workload), load);
          const after = server.collections();
          const each = (what: 'allocated' | 'survived' | 'promoted') => (after[what] - before[what]) / count;
          const figures = {
            allocated: each('allocated'),
            survived: each('survived'),
            promoted: each('promoted'),
          };
          rows.add(`${contestant} ${workload} ${clients}`, { contestant, workload, clients, ...figures });
        }
        await stage.databases.forget();
      }
    }
  }
  return [...rows.all().values()].map((rounds) => ({
    ...(rounds[0] as HeapRow),
    allocated: medianOf(rounds, (row) => row.allocated) as number,
    survived: medianOf(rounds, (row) => row.survived) as number,
    promoted: medianOf(rounds, (row) => row.promoted) as number,
  }));
}

export function reportHeap(figures: HeapFigures): Report {
  const kb = (bytes: number) => (bytes / 1024).toFixed(1);
  return {
    parts: [
      {
        title: 'Heap: kB a request',
        table: [
          ['', 'clients', '', 'allocated', 'survived a collection', 'went to the old space'],
          ...figures.map(({ contestant, workload, clients, allocated, survived, promoted }) => [
            workload,
            String(clients),
            contestant,
            kb(allocated),
            kb(survived),
            kb(promoted),
          ]),
        ],
      },
    ],
  };
}
