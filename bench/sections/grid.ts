import { answersTo, assertSame } from '../compare-answers.ts';
import type { ContestantName } from '../contestant.ts';
import { Lists } from '../list-map.ts';
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
  readonly starts: ReadonlyMap<string, readonly Start[]>;
  readonly contestants: readonly ContestantName[];
  readonly workloads: readonly WorkloadName[];
}

/** From spawning a process to its first answer from the database. */
export interface Start {
  readonly ms: number;
  /** CPU of the process. */
  readonly cpuMs: number;
}

export const crowds = [20, 50, 200] as const;
/** With 20 clients every workload is measured, with more of them these. */
const crowded: ReadonlySet<WorkloadName> = new Set(['w1', 'w2', 'w5', 'w11']);

/** With how many clients a workload is measured. */
export function crowdsOf(workload: WorkloadName): readonly number[] {
  return crowded.has(workload) ? crowds : crowds.slice(0, 1);
}

/** Seconds of W11 after which the rows that it has made go. */
const forgetSeconds = 30;

/** Seconds that a young process warms up, and is then measured. */
const youngSeconds = 2;
/** W10 makes a thousand rows a request: it is measured last, and not for longer. */
const secondsOfMany = 1;
const answersCompared = 25;

/** The share of a contestant's own capacity that comes in by open arrivals. */
const arrivalShare = 0.7;

/** Seconds that a run takes at least, without what starting and clearing up take. */
export function gridSeconds({ seconds, age, rounds, contestants, only }: Stage['options']): number {
  const cells = only.flatMap(crowdsOf);
  const young = only.filter((workload) => workload === 'w1' || workload === 'w2').length;
  const arrivals = only.filter((workload) => crowded.has(workload)).length;
  const each = 2 * seconds * cells.length + 2 * youngSeconds * young + seconds * arrivals + age;
  return each * rounds * contestants.length;
}

/**
 * Every workload with 20, 50 and 200 clients, of a young process and of one that has worked for long, and open arrivals. Each round
 * starts each contestant anew; in the first, answers are compared.
 *
 * @param save is given the figures so far after each cell: an interrupted run has been worth something
 */
export async function runGrid(stage: Stage, save: (figures: GridFigures) => void): Promise<GridFigures> {
  const { options, databases, signal } = stage;
  const cells = new Lists<Cell>();
  const arrivals = new Lists<Arrivals>();
  const memory = new Lists<{ middleMb: number; endMb: number }>();
  const starts = new Lists<Start>();
  const expected = new Map<WorkloadName, readonly [string, string[]]>();
  const { only } = options;
  const secondsOf = (workload: WorkloadName) =>
    workload === 'w10' ? Math.min(secondsOfMany, options.seconds) : options.seconds;
  const soFar = (): GridFigures => ({
    cells: cells.all(),
    arrivals: arrivals.all(),
    memory: memory.all(),
    starts: starts.all(),
    contestants: options.contestants,
    workloads: only,
  });
  const add = (name: string, figures: Cell) => {
    cells.add(name, figures);
    save(soFar());
  };

  async function cell(
    { server, requests }: Performer,
    workload: WorkloadName,
    clients: number,
    seconds = secondsOf(workload),
  ) {
    await server.startLoopDelay();
    const load = { clients, seconds, signal };
    const figures = await measure(server, databases, requests(workload), load);
    const loopMs = await server.endLoopDelay();
    if (writing.has(workload)) await databases.forget();
    return { ...figures, loopMs };
  }

  /** @throws Error where another contestant has answered otherwise */
  async function compare({ contestant, server, requests }: Performer, workload: WorkloadName) {
    const some = requests(workload).slice(0, answersCompared);
    const answers = await answersTo(server.port, contestant, workload, some);
    if (answers === null) return;
    const first = expected.get(workload);
    if (first === undefined) expected.set(workload, [contestant.name, answers]);
    else assertSame([contestant.name, answers], first, workload);
  }

  /** Half of what makes a process old. W10 makes a thousand rows a request, and W8 reads all there are: they go now and then. */
  async function grow(port: number, aging: readonly Buffer[]) {
    for (let left = options.age / 2; left > 0; left -= forgetSeconds) {
      await runLoad(port, aging, { clients: 50, seconds: Math.min(left, forgetSeconds), signal });
      await databases.forget();
    }
  }

  await interleave(stage, options.contestants, async (performer, round, say) => {
    const { name } = performer.contestant;
    const { server, requests } = performer;
    const { cpuMs } = await server.usage();
    starts.add(name, { ms: server.startMs, cpuMs });
    const known = only
      .filter((workload) => requests(workload).length > 0)
      .toSorted((one, other) => Number(one === 'w10') - Number(other === 'w10'));
    if (round === 0) {
      say('comparing answers');
      for (const workload of known) if (workload !== 'w11') await compare(performer, workload);
      await databases.forget();
    }
    say('young');
    for (const workload of known.filter((each) => each === 'w1' || each === 'w2')) {
      add(`${name} young ${workload} 50`, await cell(performer, workload, 50, youngSeconds));
    }
    say('growing old');
    // What its API has of the mix, where it has not all of it.
    const aging = requests('w11').length > 0 ? requests('w11') : requests('w1');
    await grow(server.port, aging);
    const { rssMb: middleMb } = await server.usage();
    await grow(server.port, aging);
    const { rssMb: endMb } = await server.usage();
    memory.add(name, { middleMb, endMb });
    for (const workload of known) {
      for (const clients of crowdsOf(workload)) {
        say(`${workload}, ${clients} clients`);
        const figures = await cell(performer, workload, clients);
        add(`${name} old ${workload} ${clients}`, figures);
        if (clients !== 50) continue;
        say(`${workload}, open arrivals`);
        const perSecond = figures.perSecond * arrivalShare;
        const seconds = secondsOf(workload);
        const result = await runArrivals(server.port, requests(workload), { perSecond, seconds, signal });
        arrivals.add(`${name} ${workload}`, { perSecond, p99Ms: quantile(result.latencies, 0.99) });
        if (writing.has(workload)) await databases.forget();
      }
    }
  });
  return soFar();
}

/** The median of what each round has of a list; null where it was not measured. */
export function medianOf<T>(
  rounds: readonly T[] | undefined,
  pick: (one: T) => number | null,
): number | null {
  const values = (rounds ?? []).map(pick).filter((value) => value !== null);
  return values.length === 0 ? null : median(values);
}
