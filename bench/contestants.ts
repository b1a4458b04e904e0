import type { Contestant, ContestantName, Request } from './contestant.ts';
import { plainDocument, tandemDocument, variablesOf } from './documents.ts';
import type { Parameters, WorkloadName } from './workloads.ts';

// Node runs TypeScript by itself from 22.18 on.
const typescript = process.features.typescript ? [] : ['--import', 'tsx'];

const graphql = (query: string, variables: unknown): Request => ({
  path: '/graphql',
  body: JSON.stringify({ query, variables }),
});

const plainRequests = (workload: WorkloadName, parameters: readonly Parameters[]) =>
  parameters.map((each) =>
    graphql(
      plainDocument(workload, each.first),
      variablesOf(workload, each, (key) => key),
    ),
  );

/** @param cursorOf what Tandem says the cursor of the patient with this key is */
export function contestants(cursorOf: (key: number) => string): Readonly<Record<ContestantName, Contestant>> {
  return {
    tandem: {
      name: 'tandem',
      what: 'Tandem as `tandem serve` runs it in production',
      start: ['dist/src/cli.js', 'serve'],
      foreign: false,
      requests: (workload, parameters) =>
        parameters.map((each) =>
          graphql(tandemDocument(workload, each.first), variablesOf(workload, each, cursorOf)),
        ),
    },
    limit: {
      name: 'limit',
      what: 'node:http and mysql2, SQL by hand, no GraphQL: a yardstick, not a server',
      start: [...typescript, 'bench/contestants/limit.ts'],
      foreign: true,
      requests: (workload, parameters) =>
        parameters.map((each) => ({
          path: `/${workload}`,
          body: JSON.stringify({ first: each.first, ...variablesOf(workload, each, (key) => key) }),
        })),
    },
    mercurius: {
      name: 'mercurius',
      what: 'Mercurius with JIT, SQL and loaders by hand',
      start: [...typescript, 'bench/contestants/mercurius.ts'],
      foreign: true,
      requests: plainRequests,
    },
    yoga: {
      name: 'yoga',
      what: 'GraphQL Yoga, Pothos, Drizzle and DataLoader',
      start: [...typescript, 'bench/contestants/yoga.ts'],
      foreign: true,
      requests: plainRequests,
    },
    naive: {
      name: 'naive',
      what: 'Tandem’s libraries as their introductions use them: Apollo standalone, TypeGraphQL, entities, DataLoader',
      // Decorators are nothing that Node can strip.
      start: ['--import', 'tsx', 'bench/contestants/naive.ts'],
      foreign: true,
      requests: plainRequests,
    },
  };
}

/** The rows in an answer's `data`: what must be equal, whatever the fields around them are called. */
export function rowsOf(workload: WorkloadName, data: Record<string, unknown>): unknown {
  if (workload === 'w3') return data;
  const [field] = Object.values(data);
  // The key that a created patient is given goes up with each.
  return workload === 'w5' ? { ...(field as { patient: object }).patient, key: null } : field;
}
