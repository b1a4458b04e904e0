import { administratorRole } from '../../src/access/identity.ts';
import { signLocalToken } from '../../src/access/local-token.ts';
import { openAuditClient } from '../../src/audit/client.ts';
import { installTrail } from '../../src/audit/install.ts';
import { localKeyFile } from '../../src/config/groups/access.ts';
import { sourceNames } from '../../src/source-name.ts';
import { contestants } from '../contestants.ts';
import { allCursors } from '../cursors.ts';
import { Connection, encodeRequest } from '../load/connection.ts';
import { median, runLoad } from '../load/run-load.ts';
import { medianInterval } from '../report/interval.ts';
import type { Report } from '../report/report.ts';
import { type ServerProcess, startContestant } from '../server-process.ts';
import type { Stage } from '../stage.ts';
import { progressLine } from '../terminal.ts';
import { parametersOf, type WorkloadName, workloads } from '../workloads.ts';

/** Ways to ask the same; each adds one thing to the one before. */
const ways = ['open', 'token', 'rule', 'trail'] as const;
type Way = (typeof ways)[number];

const wayIs: Readonly<Record<Way, string>> = {
  open: 'no identity',
  token: 'a token',
  rule: 'and a row rule of one column',
  trail: 'and the audit trail',
};

const measured = ['w1', 'w2', 'w5', 'w9'] as const satisfies readonly WorkloadName[];

interface AccessRow {
  readonly workload: (typeof measured)[number];
  readonly way: Way;
  /** CPU of Tandem's process per request. */
  readonly cpuUs: number;
  /** Statements of one request. */
  readonly statements: number;
  /** How many times that of the way without identity, of each round. */
  readonly ratios: readonly number[];
}

export type AccessFigures = readonly AccessRow[];

/** Of so many rounds, processes are started anew: what differs between two runs of one program is part of the sample. */
const roundsAProcess = 5;
const requestsAWorkload = 500;
const database = 'tandem_audit_bench';

/** What a token, a row rule and the audit trail cost: by turns, in two processes, of which one keeps the trail. */
export async function runAccess(stage: Stage): Promise<AccessFigures> {
  const { options, databases, signal } = stage;
  await installTrails(stage);
  const tokens = {
    open: undefined,
    token: await tokenOf(administratorRole),
    rule: await tokenOf('operator'),
    trail: await tokenOf('operator'),
  };
  const cpu = new Map<string, number[]>();
  const statements = new Map<string, number>();
  const line = progressLine('measuring');
  let cursors: ReadonlyMap<number, string> | undefined;
  for (let round = 0; round < options.rounds; ) {
    await using plain = await startTandem(stage, {});
    await using audited = await startTandem(stage, { AUDIT_DATABASE: database });
    cursors ??= await cursorsOf(plain);
    const requests = requestsFor(stage, tokens, cursors);
    const run = async (workload: WorkloadName, way: Way, seconds: number) => {
      const server = way === 'trail' ? audited : plain;
      const before = await server.usage();
      const load = { clients: options.connections, seconds, signal };
      const { requests: count } = await runLoad(server.port, requests(workload, way), load);
      return ((await server.usage()).cpuMs - before.cpuMs) / count;
    };
    line.update(`round ${round + 1} of ${options.rounds}: warming up`);
    for (const workload of measured) for (const way of ways) await run(workload, way, 3 * options.seconds);
    for (let at = 0; at < roundsAProcess && round < options.rounds; at += 1, round += 1) {
      for (const workload of measured) {
        // Each way comes first, second, third and last as often.
        for (let turn = 0; turn < ways.length; turn += 1) {
          const way = ways[(turn + round) % ways.length] as Way;
          line.update(`round ${round + 1} of ${options.rounds}: ${workload} ${wayIs[way]}`);
          const name = `${workload} ${way}`;
          cpu.set(name, [...(cpu.get(name) ?? []), await run(workload, way, options.seconds)]);
        }
      }
      await databases.forget();
    }
    if (round < options.rounds) continue;
    // At the end: a process that records its statements is slower.
    for (const workload of measured) {
      for (const way of ways) {
        const server = way === 'trail' ? audited : plain;
        const connection = await Connection.open(server.port);
        const send = () => connection.send(requests(workload, way)[0] as Buffer);
        await server.statements(send);
        statements.set(`${workload} ${way}`, (await server.statements(send)).length);
        connection.close();
      }
    }
    await databases.forget();
  }
  line.done(`${options.rounds} rounds`);
  return measured.flatMap((workload) =>
    ways.map((way) => {
      const [own, base] = [way, 'open'].map((name) => cpu.get(`${workload} ${name}`) ?? []) as [
        number[],
        number[],
      ];
      return {
        workload,
        way,
        cpuUs: median(own) * 1000,
        statements: statements.get(`${workload} ${way}`) ?? Number.NaN,
        ratios: own.map((value, at) => value / (base[at] as number)),
      };
    }),
  );
}

const tokenOf = (role: string) =>
  signLocalToken(localKeyFile, { role, subject: 'bench', claims: { family: 'Zz-Nobody' }, hours: 12 });

async function installTrails({ databases: { config } }: Stage): Promise<void> {
  for (const source of sourceNames) {
    await using client = await openAuditClient(source, config, { database });
    await client.run(`create database if not exists ${database}`);
    await installTrail(source, config, database);
  }
}

function startTandem({ databases, pinning }: Stage, env: NodeJS.ProcessEnv): Promise<ServerProcess> {
  const { tandem } = contestants({ cursorOf: () => '' });
  const first = {
    path: '/graphql',
    body: JSON.stringify({ query: '{ patients(source: AZURE, first: 1) { nodes { key } } }' }),
  };
  // Both at once stay below what an account may have.
  const settings = { ...databases.env, ...env, POOL_MAX: '9' };
  const role = ['--import', new URL('../access-role.mjs', import.meta.url).href];
  return startContestant(tandem, settings, first, pinning, role);
}

async function cursorsOf({ port }: ServerProcess): Promise<ReadonlyMap<number, string>> {
  const connection = await Connection.open(port);
  const cursors = await allCursors(connection);
  connection.close();
  return cursors;
}

/** The same requests in each way, with its token. */
function requestsFor(
  { databases, options }: Stage,
  tokens: Readonly<Record<Way, string | undefined>>,
  cursors: ReadonlyMap<number, string>,
) {
  const made = new Map<string, readonly Buffer[]>();
  return (workload: WorkloadName, way: Way): readonly Buffer[] => {
    const name = `${workload} ${way}`;
    const known = made.get(name);
    if (known !== undefined) return known;
    const { tandem } = contestants({
      cursorOf: (key) => cursors.get(key) as string,
      token: tokens[way],
    });
    const { first } = workloads[workload];
    const requests = parametersOf(first, requestsAWorkload, databases.patients, databases.lastNames).flatMap(
      (parameters) => {
        const request = tandem.request(workload as 'w1', parameters, options.spelling);
        return request === null ? [] : [encodeRequest(request)];
      },
    );
    made.set(name, requests);
    return requests;
  };
}

export function reportAccess(figures: AccessFigures): Report {
  return {
    parts: [
      {
        title: 'CPU of a request by who asks, and what is kept of it',
        table: [
          ['', 'CPU µs', '×', '95 % of the median', 'statements'],
          ...figures.map(({ workload, way, cpuUs, ratios, statements }) => {
            const [least, most] = medianInterval(ratios);
            return [
              `${workload.toUpperCase()}, ${wayIs[way]}`,
              cpuUs.toFixed(0),
              median(ratios).toFixed(3),
              `${least.toFixed(3)}–${most.toFixed(3)}`,
              String(statements),
            ];
          }),
        ],
        note: `× is the median of ${figures[0]?.ratios.length} rounds, each beside no identity in the same round.`,
      },
    ],
  };
}
