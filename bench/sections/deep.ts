import { grouped } from '../../src/util/terminal-text.ts';
import { cursorsAfter } from '../cursors.ts';
import { tandemDocument } from '../documents.ts';
import { Lists } from '../list-map.ts';
import { Connection, encodeRequest } from '../load/connection.ts';
import { runLoad } from '../load/run-load.ts';
import { type Figures, measure, medians } from '../measure.ts';
import type { Report } from '../report/report.ts';
import { perform, type Stage } from '../stage.ts';
import { type DeepDatabase, openDeepDatabase, type PlanStep } from './deep-database.ts';

/** A page at the start, or near the end, of a table of some size. */
export type DeepFigures = readonly (Figures & {
  readonly patients: number;
  readonly place: Place;
  /** MySQL's plan of each statement that Tandem sent. */
  readonly plans: readonly (readonly PlanStep[])[];
})[];

type Place = (typeof places)[number];

const places = ['first', 'deep'] as const;
/** How far into the table the deep page is. */
const depth = 0.9;

/** W1 in tables of 10⁴, 10⁵ and, where asked for, 10⁶ patients, with one client: what depth costs. */
export async function runDeep(stage: Stage): Promise<DeepFigures> {
  const sizes = [10_000, 100_000, ...(stage.options.million ? [1_000_000] : [])];
  const all = [];
  for (const size of sizes) {
    await using database = await openDeepDatabase(stage, size);
    all.push(...(await measureDepth(stage, database)));
  }
  return all;
}

async function measureDepth(stage: Stage, database: DeepDatabase) {
  const { options, databases, signal } = stage;
  await using tandem = await perform('tandem', { ...stage, databases: { ...databases, env: database.env } });
  const { port } = tandem.server;
  const connection = await Connection.open(port);
  const requestsFrom = async (key: number) => {
    const { cursors } = await cursorsAfter(connection, key);
    const query = tandemDocument('w1', 20, options.spelling);
    // Pages near the end of the table would not be full.
    return [...cursors.values()]
      .slice(0, -20)
      .map((after) =>
        encodeRequest({ path: '/graphql', body: JSON.stringify({ query, variables: { after } }) }),
      );
  };
  const requests = {
    first: await requestsFrom(0),
    deep: await requestsFrom(Math.floor(database.patients * depth)),
  };
  const rounds = new Lists<Figures>();
  // One client warms a process up too slowly.
  await runLoad(port, requests.first, { clients: 20, seconds: 2, signal });
  for (let round = 0; round < options.rounds; round++) {
    for (const place of places) {
      const load = { clients: 1, seconds: options.seconds, signal };
      rounds.add(place, await measure(tandem.server, databases, requests[place], load));
    }
  }
  const pages = [];
  for (const place of places) {
    // Asked for last: a process that tells its statements is slower.
    const statements = await tandem.server.statements(() => connection.send(requests[place][0] as Buffer));
    const plans = await Promise.all(statements.map((statement) => database.explain(statement)));
    pages.push({ patients: database.patients, place, ...medians(rounds.get(place)), plans });
  }
  connection.close();
  return pages;
}

export function reportDeep(figures: DeepFigures): Report {
  const plan = ({ table, type, key, rows, extra }: PlanStep) =>
    [
      `${table}: ${type} on ${key ?? 'no key'}, ${grouped(rows)} rows expected`,
      ...(extra === null ? [] : [extra]),
    ].join(', ');
  return {
    parts: [
      {
        title: 'Depth: W1 with one client, the first page and one at nine tenths of the table',
        table: [
          ['patients', 'page', 'p50 ms', 'p99 ms', 'CPU ms', 'database CPU ms'],
          ...figures.map(({ patients, place, p50Ms, p99Ms, cpuMs, databaseCpuMs }) => [
            grouped(patients),
            place,
            p50Ms.toFixed(2),
            p99Ms.toFixed(2),
            cpuMs.toFixed(3),
            databaseCpuMs?.toFixed(3) ?? '–',
          ]),
        ],
      },
      {
        detail: true,
        title: 'EXPLAIN of its statements',
        table: [
          ['patients', 'page', 'plan'],
          ...figures.flatMap(({ patients, place, plans }) =>
            plans.map((steps) => [grouped(patients), place, steps.map(plan).join('; ')]),
          ),
        ],
      },
    ],
  };
}
