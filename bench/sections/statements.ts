import { readdirSync, readFileSync } from 'node:fs';
import { createConnection, type Connection as Session } from 'mysql2';
import { tlsOptions } from '../../src/sources/pool/tls-options.ts';
import type { ContestantName } from '../contestant.ts';
import { Connection } from '../load/connection.ts';
import { median } from '../load/run-load.ts';
import { leastForInterval, medianInterval } from '../report/interval.ts';
import type { Report } from '../report/report.ts';
import type { Statement } from '../server-process.ts';
import { perform, type Stage } from '../stage.ts';
import { progressLine } from '../terminal.ts';
import type { WorkloadName } from '../workloads.ts';

/** The database's CPU of one workload's statements, in microseconds a request, of each turn. */
interface StatementRow {
  readonly workload: WorkloadName;
  readonly tandem: readonly number[];
  readonly limit: readonly number[];
  /** Statements of a request. */
  readonly each: Readonly<Record<'tandem' | 'limit', number>>;
}

export type StatementFigures = readonly StatementRow[];

const asked = 40;
/** W10 and W11 are no statements of a read or of a row. */
const measured: ReadonlySet<WorkloadName> = new Set(['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8', 'w9']);
const both = ['tandem', 'limit'] as const satisfies readonly ContestantName[];

/**
 * What the statements of Tandem and those of the limit cost the database, by turns on one connection: neither how many wait, nor what the
 * servers do beside it, is in it.
 */
export async function runStatements(stage: Stage): Promise<StatementFigures> {
  const { options, databases, signal } = stage;
  const workloads = options.only.filter((name) => measured.has(name));
  const recorded = new Map<string, readonly Statement[]>();
  for (const name of both) {
    await using performer = await perform(name, stage);
    const connection = await Connection.open(performer.server.port);
    for (const workload of workloads) {
      const requests = performer.requests(workload).slice(0, asked);
      const ask = async () => {
        for (const request of requests) await connection.send(request);
      };
      // What is prepared, made or opened for the first of them is over.
      await performer.server.statements(ask);
      recorded.set(`${name} ${workload}`, await performer.server.statements(ask));
    }
    connection.close();
    await databases.forget();
  }
  const session = await openSession(stage);
  const line = progressLine('measuring');
  const rows: StatementRow[] = [];
  try {
    for (const workload of workloads) {
      const cpu = { tandem: [] as number[], limit: [] as number[] };
      for (let round = -1; round < options.rounds; round++) {
        for (const name of round % 2 === 0 ? both : both.toReversed()) {
          signal.throwIfAborted();
          line.update(`${workload}, round ${Math.max(0, round) + 1} of ${options.rounds}: ${name}`);
          const statements = recorded.get(`${name} ${workload}`) as readonly Statement[];
          const us = await cpuOf(databases.servers.AZURE.pid as number, session, statements, options.seconds);
          // The first turn warms up.
          if (round >= 0) cpu[name].push(us);
        }
        if (workload === 'w5') await databases.forget();
      }
      const each = (name: (typeof both)[number]) =>
        (recorded.get(`${name} ${workload}`)?.length ?? 0) / asked;
      rows.push({ workload, ...cpu, each: { tandem: each('tandem'), limit: each('limit') } });
    }
  } finally {
    session.destroy();
  }
  line.done(`${options.rounds} rounds of ${workloads.join(', ')}`);
  return rows;
}

/** Microseconds of the database's CPU that the statements of one request take. */
async function cpuOf(
  pid: number,
  session: Session,
  statements: readonly Statement[],
  seconds: number,
): Promise<number> {
  const before = threadsUs(pid);
  const end = performance.now() + seconds * 1000;
  let rounds = 0;
  for (; performance.now() < end; rounds++) {
    for (const { sql, values } of statements) await run(session, sql, values);
  }
  return (threadsUs(pid) - before) / (rounds * asked);
}

/** CPU of all threads of a process: https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat */
function threadsUs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, ns) => sum + ns / 1000, 0);
}

function run(session: Session, sql: string, values: readonly unknown[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const answered = (error: Error | null) => (error === null ? resolve() : reject(error));
    if (values.length === 0) session.query({ sql, rowsAsArray: true }, answered);
    else session.execute({ sql, values: values as string[], rowsAsArray: true }, answered);
  });
}

function openSession({ databases }: Stage): Promise<Session> {
  const { AZURE } = databases.config.databases;
  const { host, port, name, runtime } = AZURE;
  const { user, password } = runtime as { user: string; password: string };
  const session = createConnection({
    host,
    port,
    user,
    password,
    database: name,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    ssl: tlsOptions(AZURE),
  });
  return new Promise((resolve, reject) => {
    session.connect((error) => (error === null ? resolve(session) : reject(error)));
  });
}

const mostTimes = 1.1;

export function reportStatements(figures: StatementFigures): Report {
  return {
    parts: [
      {
        title:
          'The database’s CPU of the same work: Tandem’s statements and the limit’s, by turns on one connection',
        table: [
          [
            '',
            'Tandem, µs',
            'statements',
            'limit, µs',
            'statements',
            '×',
            '95 % of the median',
            `at most ${mostTimes}`,
          ],
          ...figures.map(({ workload, tandem, limit, each }) => {
            const ratios = tandem.map((us, round) => us / (limit[round] as number));
            const [least, most] = medianInterval(ratios);
            return [
              workload.toUpperCase(),
              median(tandem).toFixed(0),
              String(each.tandem),
              median(limit).toFixed(0),
              String(each.limit),
              median(ratios).toFixed(3),
              ratios.length < leastForInterval ? '–' : `${least.toFixed(3)}–${most.toFixed(3)}`,
              median(ratios) <= mostTimes ? 'met' : 'missed',
            ];
          }),
        ],
      },
    ],
  };
}
