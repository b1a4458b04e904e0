import { progressLine } from '../src/commands/terminal.ts';
import { answersTo, assertSame } from './compare.ts';
import type { Contestant, ContestantName } from './contestant.ts';
import { contestants } from './contestants.ts';
import { cursorsOf } from './cursors.ts';
import type { Databases } from './databases.ts';
import { Connection, encodeRequest } from './load/connection.ts';
import { median } from './load/run-load.ts';
import { type Figures, type Measured, measure, medians } from './measure.ts';
import type { Options } from './options.ts';
import type { Pinning } from './pinning.ts';
import { type ServerProcess, startContestant } from './server-process.ts';
import { parametersOf, type WorkloadName, workloads } from './workloads.ts';

export interface Competition {
  readonly measured: readonly Measured[];
  /** Milliseconds from spawning a process to its first answer from the database. */
  readonly startMs: Readonly<Partial<Record<ContestantName, number>>>;
  /** Tandem's W1 with many clients; null where it was not asked for. */
  readonly crowd: Figures | null;
  /** Workloads that a contestant's API does not know. */
  readonly absent: readonly { readonly contestant: ContestantName; readonly workload: WorkloadName }[];
}

/** Enough that no server could answer from memory what it was asked a moment ago. */
const requestsPerWorkload = 2000;
const answersCompared = 20;
export const crowdSize = 200;

/**
 * Rounds; in each, every contestant in turn is started, asked for every workload, and ended. One at a time:
 * the databases grant an account 20 sessions, which is one contestant's pool. And a process of its own for each
 * round is a new sample also of what differs between two runs of the same program.
 */
export async function compete(
  databases: Databases,
  options: Options,
  pinning: Pinning,
  signal: AbortSignal,
): Promise<Competition> {
  const cursors = new Map<number, string>();
  const known = contestants((key) => cursors.get(key) as string);
  const rounds = new Map<string, Figures[]>();
  const starts = new Map<ContestantName, number[]>();
  const crowds: Figures[] = [];
  const absent: { contestant: ContestantName; workload: WorkloadName }[] = [];
  const expected = new Map<WorkloadName, readonly [string, string[]]>();
  const line = progressLine('measuring');

  const requestsOf = (contestant: Contestant, workload: WorkloadName) =>
    contestant
      .requests(
        workload,
        parametersOf(workloads[workload], requestsPerWorkload, databases.patients, databases.lastNames),
      )
      .map(encodeRequest);

  /** Whether the contestant knows the workload; throws if it answers something else than the others. */
  async function check(
    contestant: Contestant,
    { port }: ServerProcess,
    workload: WorkloadName,
    requests: Buffer[],
  ) {
    const answers = await answersTo(port, workload, requests.slice(0, answersCompared));
    if (answers === null) return false;
    const first = expected.get(workload);
    if (first === undefined) expected.set(workload, [contestant.name, answers]);
    else assertSame([contestant.name, answers], first, workload);
    return true;
  }

  for (let round = 0; round < options.rounds; round++) {
    for (const name of options.contestants) {
      signal.throwIfAborted();
      const contestant = known[name];
      if (contestant === undefined) continue;
      const say = (what: string) =>
        line.update(`round ${round + 1} of ${options.rounds}: ${name.padEnd(9)} ${what}`);
      say('starting');
      const [probe] = contestant.requests('w2', [{ key: 1, first: 1, prefix: '' }]);
      await using server = await startContestant(contestant, databases.env, probe as never, pinning);
      starts.set(name, [...(starts.get(name) ?? []), server.startMs]);
      if (name === 'tandem' && cursors.size === 0) {
        const connection = await Connection.open(server.port);
        for (const [key, cursor] of await cursorsOf(connection)) cursors.set(key, cursor);
        connection.close();
      }
      for (const workload of options.only) {
        if (absent.some((each) => each.contestant === name && each.workload === workload)) continue;
        const requests = requestsOf(contestant, workload);
        if (round === 0 && !(await check(contestant, server, workload, requests))) {
          absent.push({ contestant: name, workload });
          continue;
        }
        say(workload);
        const load = { clients: options.connections, seconds: options.seconds, signal };
        const figures = await measure(server, databases, requests, load);
        rounds.set(`${name} ${workload}`, [...(rounds.get(`${name} ${workload}`) ?? []), figures]);
        if (workload === 'w5') await databases.forget();
      }
      if (name === 'tandem' && options.only.includes('w1')) {
        say(`w1, ${crowdSize} clients`);
        const load = { clients: crowdSize, seconds: options.seconds, signal };
        crowds.push(await measure(server, databases, requestsOf(contestant, 'w1'), load));
      }
    }
  }
  line.done(`${options.rounds} rounds`);

  const measured = options.only.flatMap((workload) =>
    options.contestants.flatMap((contestant) => {
      const figures = rounds.get(`${contestant} ${workload}`);
      return figures === undefined ? [] : [{ contestant, workload, rounds: figures, ...medians(figures) }];
    }),
  );
  return {
    measured,
    startMs: Object.fromEntries([...starts].map(([name, times]) => [name, median(times)])),
    crowd: crowds.length === 0 ? null : medians(crowds),
    absent,
  };
}
