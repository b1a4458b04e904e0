import type { ContestantName } from '../contestant.ts';
import { Lists } from '../lists.ts';
import { median, quantile, runArrivals, runLoad } from '../load/run-load.ts';
import { type Figures, measure } from '../measure.ts';
import { interleave, type Performer, type Stage } from '../stage.ts';
import { type WorkloadName, writing } from '../workloads.ts';

/** One cell of the grid in one round. */
export interface Cell extends Figures {
  /** Milliseconds that 99.9 % of the turns of the event loop were late at most. */
  readonly loopMs: number;
}

/** Latency under open arrivals. */
export interface Arrivals {
  readonly perSecond: number;
  readonly p99Ms: number;
}

export interface GridFigures {
  /** By contestant, age, workload and clients: `tandem old w1 20`. One entry a round. */
  readonly cells: ReadonlyMap<string, readonly Cell[]>;
  readonly arrivals: ReadonlyMap<string, readonly Arrivals[]>;
  /** Memory during the mixed load: in its middle, and at its end. */
  readonly memory: ReadonlyMap<string, readonly { readonly middleMb: number; readonly endMb: number }[]>;
  readonly contestants: readonly ContestantName[];
  readonly workloads: readonly WorkloadName[];
}

export const crowds = [20, 50, 200] as const;
/** With 20 clients every workload is measured, with more of them these. */
const crowded: ReadonlySet<WorkloadName> = new Set(['w1', 'w2', 'w5', 'w11']);

/** Seconds that a young process has worked. */
const youngSeconds = 2;
/** The share of a contestant's own capacity that comes in by open arrivals. */
const arrivalShare = 0.7;

/**
 * Every workload with 20, 50 and 200 clients, of a young process and of one that has worked for long, and open arrivals. Each round
 * starts each contestant anew.
 */
export async function runGrid(stage: Stage): Promise<GridFigures> {
  const { options, databases, signal } = stage;
  const cells = new Lists<Cell>();
  const arrivals = new Lists<Arrivals>();
  const memory = new Lists<{ middleMb: number; endMb: number }>();
  const { seconds, only } = options;

  async function cell({ server, requests }: Performer, workload: WorkloadName, clients: number) {
    await server.startLoopDelay();
    const figures = await measure(server, databases, requests(workload), { clients, seconds, signal });
    const loopMs = await server.endLoopDelay();
    if (writing.has(workload)) await databases.forget();
    return { ...figures, loopMs };
  }

  await interleave(stage, options.contestants, async (performer, _round, say) => {
    const { name } = performer.contestant;
    const { server, requests } = performer;
    const known = only.filter((workload) => requests(workload).length > 0);
    say('young');
    for (const workload of known.filter((each) => each === 'w1' || each === 'w2')) {
      await runLoad(server.port, requests(workload), { clients: 50, seconds: youngSeconds, signal });
      cells.add(`${name} young ${workload} 50`, await cell(performer, workload, 50));
    }
    say('growing old');
    // What its API has of the mix, where it has not all of it.
    const aging = requests('w11').length > 0 ? requests('w11') : requests('w1');
    const middle = { clients: 50, seconds: options.age / 2, signal };
    await runLoad(server.port, aging, middle);
    const { rssMb: middleMb } = await server.usage();
    await runLoad(server.port, aging, middle);
    const { rssMb: endMb } = await server.usage();
    memory.add(name, { middleMb, endMb });
    await databases.forget();
    for (const workload of known) {
      for (const clients of crowds) {
        if (clients > 20 && !crowded.has(workload)) continue;
        say(`${workload}, ${clients} clients`);
        const figures = await cell(performer, workload, clients);
        cells.add(`${name} old ${workload} ${clients}`, figures);
        if (clients !== 50) continue;
        say(`${workload}, open arrivals`);
        const perSecond = figures.perSecond * arrivalShare;
        const result = await runArrivals(server.port, requests(workload), { perSecond, seconds, signal });
        arrivals.add(`${name} ${workload}`, { perSecond, p99Ms: quantile(result.latencies, 0.99) });
        if (writing.has(workload)) await databases.forget();
      }
    }
  });
  return {
    cells: cells.all(),
    arrivals: arrivals.all(),
    memory: memory.all(),
    contestants: options.contestants,
    workloads: only,
  };
}

/** The median of what each round has of a list; null where it was not measured. */
export function medianOf<T>(
  rounds: readonly T[] | undefined,
  pick: (one: T) => number | null,
): number | null {
  const values = (rounds ?? []).map(pick).filter((value) => value !== null);
  return values.length === 0 ? null : median(values);
}
