import { signLocalToken } from '../src/access/local-token.ts';
import { localKeyFile } from '../src/config/groups/access.ts';
import type { Checkout } from './checkout.ts';
import type { Contestant, ContestantName, Request } from './contestant.ts';
import { contestants, isTandem, type TandemName } from './contestants.ts';
import { allCursors } from './cursors.ts';
import type { Databases } from './databases.ts';
import { Connection, encodeRequest } from './load/connection.ts';
import type { Options } from './options.ts';
import type { Pinning } from './pinning.ts';
import { type ServerProcess, startContestant } from './server-process.ts';
import { progressLine } from './terminal.ts';
import {
  mixOf,
  type Parameters,
  parametersOf,
  type Spelling,
  type WorkloadName,
  workloads,
} from './workloads.ts';

/** What every section works with. */
export interface Stage {
  readonly options: Options;
  readonly databases: Databases;
  /** Whose server the contestant `old` is. */
  readonly checkout?: Checkout | undefined;
  readonly pinning: Pinning;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A contestant on the stage: running, and with requests ready to be sent. */
export interface Performer extends AsyncDisposable {
  readonly contestant: Contestant;
  readonly server: ServerProcess;
  /** Requests of a workload, for the same rows as every contestant's; none where its API has none such. */
  requests(workload: WorkloadName, asked?: Partial<Spelling & { readonly first: number }>): Buffer[];
}

/** Enough that no server could answer from memory what it was asked a moment ago. */
const requestsPerWorkload = 2000;
/** W10 has a hundred thousand bytes each. */
const requestsOfMany = 20;
const cursors = new Map<TandemName, ReadonlyMap<number, string>>();
let token: string | undefined;

/** Starts a contestant. Tandem is asked for its cursors once. */
export async function perform(
  name: ContestantName,
  { options, databases, checkout, pinning, signal }: Stage,
  nodeFlags: readonly string[] = [],
): Promise<Performer> {
  signal.throwIfAborted();
  if (options.role !== undefined) token ??= await tokenFor(options.role);
  const contestant = contestants({
    cursorOf: (key, of) => cursors.get(of)?.get(key) as string,
    token,
    checkout,
  })[name];
  const { patients, lastNames } = databases;
  type Asked = Spelling & { readonly first: number };
  const alone = (workload: Exclude<WorkloadName, 'w11'>, { first, ...spelling }: Asked) => {
    const count = workload === 'w10' ? requestsOfMany : requestsPerWorkload;
    const parameters = parametersOf(first, count, patients, lastNames);
    const all = parameters.map((each) => contestant.request(workload, each, spelling));
    return all.filter((request) => request !== null).map(encodeRequest);
  };
  const askedOf = (workload: WorkloadName, more?: Partial<Asked>) => ({
    ...options.spelling,
    first: workloads[workload].first,
    ...more,
  });
  const requests = (workload: WorkloadName, more?: Partial<Asked>) => {
    if (workload !== 'w11') return alone(workload, askedOf(workload, more));
    const of = memoized((name: Exclude<WorkloadName, 'w11'>) => alone(name, askedOf(name)));
    const all = mixOf(requestsPerWorkload).map((name, at) => of(name)[at % of(name).length]);
    return all.every((request) => request !== undefined) ? all : [];
  };
  const anyRow: Parameters = { key: 1, first: 1, prefix: '', spare: 1 };
  const firstRequest = contestant.request('w2', anyRow, options.spelling) as Request;
  const server = await startContestant(contestant, databases.env, firstRequest, pinning, nodeFlags);
  if (isTandem(name) && !cursors.has(name)) {
    const connection = await Connection.open(server.port);
    cursors.set(name, await allCursors(connection, token));
    connection.close();
  }
  return { contestant, server, requests, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A token as `tandem token` makes it: a server on loopback without an identity provider takes it. */
function tokenFor(role: string): Promise<string> {
  return signLocalToken(localKeyFile, { role, subject: 'bench', claims: {}, hours: 12 });
}

function memoized<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key) as V;
  };
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
    // By turns from the front and from the back: what grows or warms during a round is nobody's for good.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const say = (what: string) => line.update(`round ${round + 1} of ${rounds}: ${name.padEnd(9)} ${what}`);
      say('starting');
      await using performer = await perform(name, stage);
      await turn(performer, round, say);
    }
  }
  line.done(`${rounds} rounds of ${names.join(', ')}`);
}
