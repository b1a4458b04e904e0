import { answersTo, assertSame } from '../compare-answers.ts';
import type { ContestantName } from '../contestant.ts';
import { Lists } from '../list-map.ts';
import { runLoad } from '../load/run-load.ts';
import { type Figures, type Measured, measure, medians } from '../measure.ts';
import { interleave, type Performer, type Stage } from '../stage.ts';
import { type WorkloadName, writing } from '../workloads.ts';

export interface MainFigures {
  /** What the contestant `old` is; null where it takes no part. */
  readonly against: string | null;
  readonly measured: readonly Measured[];
  /** Milliseconds from spawning a process to its first answer from the database. */
  readonly startMs: Readonly<Partial<Record<ContestantName, readonly number[]>>>;
  /** Tandem's W1 with many clients; null where it was not asked for. */
  readonly crowd: Figures | null;
  /** Workloads that a contestant's API does not know. */
  readonly absent: readonly { readonly contestant: ContestantName; readonly workload: WorkloadName }[];
}

const answersCompared = 20;
export const crowdSize = 200;

/** Seconds that a new process works before anything is measured: what V8 optimizes, it optimizes meanwhile. */
const warmUpSeconds = 6;

/** Brings a process to its steady state, by the first workload and the second, which share most of their code. */
async function warmUp(
  { server, requests }: Performer,
  { only, connections }: Stage['options'],
  signal: AbortSignal,
) {
  const [first, second = first] = only;
  for (const workload of [first, second]) {
    if (workload === undefined) continue;
    const load = { clients: connections, seconds: warmUpSeconds / 2, signal };
    await runLoad(server.port, requests(workload), load);
  }
}

/** Every contestant at every workload, each answer compared with the others' before it is timed. */
export async function runMain(stage: Stage): Promise<MainFigures> {
  const { options, databases, checkout, signal } = stage;
  const rounds = new Lists<Figures>();
  const starts = new Lists<number>();
  const crowds: Figures[] = [];
  const absent: { contestant: ContestantName; workload: WorkloadName }[] = [];
  const expected = new Map<WorkloadName, readonly [string, string[]]>();

  /** Whether the contestant knows the workload; throws if it answers something else than the others. */
  async function check({ contestant, server }: Performer, workload: WorkloadName, requests: Buffer[]) {
    // Each of the mix has been compared by itself.
    if (workload === 'w11') return requests.length > 0;
    const answers = await answersTo(server.port, contestant, workload, requests.slice(0, answersCompared));
    if (answers === null) return false;
    const first = expected.get(workload);
    if (first === undefined) expected.set(workload, [contestant.name, answers]);
    else assertSame([contestant.name, answers], first, workload);
    return true;
  }

  await interleave(stage, options.contestants, async (performer, round, say) => {
    const { server } = performer;
    const { name } = performer.contestant;
    starts.add(name, server.startMs);
    say('warming up');
    await warmUp(performer, options, signal);
    for (const workload of options.only) {
      if (absent.some((each) => each.contestant === name && each.workload === workload)) continue;
      const requests = performer.requests(workload);
      if (round === 0 && !(await check(performer, workload, requests))) {
        absent.push({ contestant: name, workload });
        continue;
      }
      say(workload);
      const load = { clients: options.connections, seconds: options.seconds, signal };
      rounds.add(`${name} ${workload}`, await measure(server, databases, requests, load));
      if (writing.has(workload)) await databases.forget();
    }
    if (name === 'tandem' && options.only.includes('w1')) {
      say(`w1, ${crowdSize} clients`);
      const load = { clients: crowdSize, seconds: options.seconds, signal };
      crowds.push(await measure(server, databases, performer.requests('w1'), load));
    }
  });

  const measured = options.only.flatMap((workload) =>
    options.contestants.flatMap((contestant) => {
      const figures = rounds.get(`${contestant} ${workload}`);
      return figures.length === 0 ? [] : [{ contestant, workload, rounds: figures, ...medians(figures) }];
    }),
  );
  const startMs = options.contestants.map((name) => [name, starts.get(name)]);
  return {
    against: checkout?.name ?? null,
    measured,
    startMs: Object.fromEntries(startMs),
    crowd: crowds.length === 0 ? null : medians(crowds),
    absent,
  };
}
