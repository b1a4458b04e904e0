import type { Contestant, ContestantName, Request } from './contestant.ts';
import {
  fromTandem,
  plainDocument,
  tandemDocument,
  variablesOf,
  withoutAliases,
  withTreated,
} from './documents.ts';
import { fromMesh, meshRequest } from './mesh-documents.ts';
import type { Parameters, Spelling, WorkloadName } from './workloads.ts';

// Node runs TypeScript by itself from 22.18 on.
const typescript = process.features.typescript ? [] : ['--import', 'tsx'];

const graphql = (query: string, variables: unknown, token?: string): Request => ({
  path: '/graphql',
  body: JSON.stringify({ query, variables }),
  token,
});

const itself = (key: number) => key;

type Alone = Exclude<WorkloadName, 'w11'>;

const plainRequest = (workload: Alone, parameters: Parameters, spelling: Spelling) =>
  graphql(plainDocument(workload, parameters.first, spelling), variablesOf(workload, parameters, itself));

const translatePlain = (_workload: WorkloadName, data: Record<string, unknown>) =>
  withTreated(withoutAliases(data));

/**
 * @param cursorOf what Tandem says the cursor of the patient with this key is
 * @param token of who asks Tandem; absent: everybody may
 */
export function contestants(
  cursorOf: (key: number) => string,
  token?: () => string | undefined,
): Readonly<Record<ContestantName, Contestant>> {
  return {
    tandem: {
      name: 'tandem',
      // As `npm start` starts it.
      start: ['--max-semi-space-size=8', 'dist/src/cli.js', 'serve'],
      request: (workload, parameters, spelling) =>
        graphql(
          tandemDocument(workload, parameters.first, spelling),
          variablesOf(workload, parameters, spelling.pages === 'filter' ? itself : cursorOf),
          token?.(),
        ),
      translate: (workload, data) => fromTandem(workload, withoutAliases(data) as Record<string, unknown>),
    },
    limit: {
      name: 'limit',
      start: [...typescript, 'bench/contestants/limit.ts'],
      request: (workload, parameters) => ({
        path: `/${workload}`,
        body: JSON.stringify({ first: parameters.first, ...variablesOf(workload, parameters, itself) }),
      }),
    },
    mercurius: {
      name: 'mercurius',
      start: [...typescript, 'bench/contestants/mercurius.ts'],
      request: plainRequest,
      translate: translatePlain,
    },
    yoga: {
      name: 'yoga',
      start: [...typescript, 'bench/contestants/yoga.ts'],
      request: plainRequest,
      translate: translatePlain,
    },
    naive: {
      name: 'naive',
      // Decorators are nothing that Node can strip.
      start: ['--import', 'tsx', 'bench/contestants/naive.ts'],
      request: plainRequest,
      translate: translatePlain,
    },
    mesh: {
      name: 'mesh',
      start: [...typescript, 'bench/contestants/mesh.ts'],
      request: meshRequest,
      translate: fromMesh,
    },
  };
}
