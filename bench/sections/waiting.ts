import { setTimeout as delay } from 'node:timers/promises';
import type { ContestantName } from '../contestant.ts';
import type { Databases } from '../databases.ts';
import { Lists } from '../list-map.ts';
import { Connection } from '../load/connection.ts';
import { median } from '../load/run-load.ts';
import type { Report } from '../report/report.ts';
import { interleave, type Stage } from '../stage.ts';
import type { WorkloadName } from '../workloads.ts';

/** Bytes of the heap that one request keeps while it waits for a connection. */
interface WaitingRow {
  readonly contestant: ContestantName;
  readonly workload: WorkloadName;
  readonly bytes: number;
}

export type WaitingFigures = readonly WaitingRow[];

/** Enough to hold all connections of a pool. */
const holding = 20;
const waiting = 200;
/** Milliseconds in which all requests have come to where they wait. */
const settleMs = 700;

/** Of requests that wait for a database that has stopped: the heap after a collection, over that with fewer of them. */
export async function runWaiting(stage: Stage): Promise<WaitingFigures> {
  const { options, databases } = stage;
  const rows = new Lists<WaitingRow>();
  await interleave(stage, options.contestants, async ({ contestant, server, requests }, _round, say) => {
    for (const workload of options.only) {
      const all = requests(workload);
      if (all.length === 0) continue;
      say(workload);
      const clients = await Promise.all(
        Array.from({ length: holding + waiting }, () => Connection.open(server.port)),
      );
      const ask = (some: readonly Connection[]) =>
        Promise.all(some.map((client, at) => client.send(all[at % all.length] as Buffer)));
      for (let times = 0; times < 5; times++) await ask(clients);
      const [first, others] = [clients.slice(0, holding), clients.slice(holding)];
      const answers: Promise<unknown>[] = [];
      const bytes = await whileStopped(databases, async () => {
        answers.push(ask(first));
        await delay(settleMs);
        const before = await server.heapUsed();
        answers.push(ask(others));
        await delay(settleMs);
        return ((await server.heapUsed()) - before) / waiting;
      });
      await Promise.all(answers);
      for (const client of clients) client.close();
      rows.add(`${contestant.name} ${workload}`, { contestant: contestant.name, workload, bytes });
    }
  });
  return [...rows.all().values()].map((rounds) => ({
    ...(rounds[0] as WaitingRow),
    bytes: median(rounds.map(({ bytes }) => bytes)),
  }));
}

/** Stops the process of AZURE's database while `work` runs. */
async function whileStopped<T>({ servers }: Databases, work: () => Promise<T>): Promise<T> {
  const pid = servers.AZURE.pid as number;
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

export function reportWaiting(figures: WaitingFigures): Report {
  return {
    parts: [
      {
        title: `Heap of a request that waits for a connection, ${waiting} of them`,
        table: [
          ['', '', 'kB'],
          ...figures.map(({ workload, contestant, bytes }) => [
            workload,
            contestant,
            (bytes / 1024).toFixed(1),
          ]),
        ],
      },
    ],
  };
}
