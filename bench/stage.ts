import type { Contestant, ContestantName, Request } from './contestant.ts';
import { contestants } from './contestants.ts';
import { allCursors } from './cursors.ts';
import type { Databases } from './databases.ts';
import { Connection, encodeRequest } from './load/connection.ts';
import type { Options } from './options.ts';
import type { Pinning } from './pinning.ts';
import { type ServerProcess, startContestant } from './server-process.ts';
import { progressLine } from './terminal.ts';
import { type Parameters, parametersOf, type WorkloadName, workloads } from './workloads.ts';

/** What every section works with. */
export interface Stage {
  readonly options: Options;
  readonly databases: Databases;
  readonly pinning: Pinning;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A contestant on the stage: running, and with requests ready to be sent. */
export interface Performer extends AsyncDisposable {
  readonly contestant: Contestant;
  readonly server: ServerProcess;
  /** Requests of a workload, for the same rows as every contestant's; none where its API has none such. */
  requests(workload: WorkloadName, first?: number): Buffer[];
}

/** Enough that no server could answer from memory what it was asked a moment ago. */
const requestsPerWorkload = 2000;
const cursors = new Map<number, string>();
const known = contestants((key) => cursors.get(key) as string);

/** Starts a contestant. Tandem is asked for its cursors once. */
export async function perform(
  name: ContestantName,
  { databases, pinning, signal }: Stage,
): Promise<Performer> {
  signal.throwIfAborted();
  const contestant = known[name];
  const requests = (workload: WorkloadName, first = workloads[workload].first) => {
    const { patients, lastNames } = databases;
    const parameters = parametersOf(first, requestsPerWorkload, patients, lastNames);
    const all = parameters.map((each) => contestant.request(workload, each));
    return all.filter((request) => request !== null).map(encodeRequest);
  };
  const anyRow: Parameters = { key: 1, first: 1, prefix: '' };
  const firstRequest = contestant.request('w2', anyRow) as Request;
  const server = await startContestant(contestant, databases.env, firstRequest, pinning);
  if (name === 'tandem' && cursors.size === 0) {
    const connection = await Connection.open(server.port);
    for (const [key, cursor] of await allCursors(connection)) cursors.set(key, cursor);
    connection.close();
  }
  return { contestant, server, requests, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/**
 * Rounds; in each, every contestant in turn is started, measured and ended. One at a time: the databases grant
 * an account 20 sessions, which is one contestant's pool. And a process of its own for each round is a sample
 * also of what differs between two runs of the same program.
 */
export async function interleave(
  stage: Stage,
  names: readonly ContestantName[],
  turn: (performer: Performer, round: number, say: (what: string) => void) => Promise<void>,
): Promise<void> {
  const { rounds } = stage.options;
  const line = progressLine('measuring');
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const say = (what: string) => line.update(`round ${round + 1} of ${rounds}: ${name.padEnd(9)} ${what}`);
      say('starting');
      await using performer = await perform(name, stage);
      await turn(performer, round, say);
    }
  }
  line.done(`${rounds} rounds of ${names.join(', ')}`);
}
