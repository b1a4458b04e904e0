import type { Contestant, ContestantName, Request } from './contestant.ts';
import { fromTandem, plainDocument, tandemDocument, variablesOf } from './documents.ts';
import { fromMesh, meshRequest } from './mesh-documents.ts';
import type { Parameters, WorkloadName } from './workloads.ts';

// Node runs TypeScript by itself from 22.18 on.
const typescript = process.features.typescript ? [] : ['--import', 'tsx'];

const graphql = (query: string, variables: unknown): Request => ({
  path: '/graphql',
  body: JSON.stringify({ query, variables }),
});

const itself = (key: number) => key;

const plainRequest = (workload: WorkloadName, parameters: Parameters) =>
  graphql(plainDocument(workload, parameters.first), variablesOf(workload, parameters, itself));

/** @param cursorOf what Tandem says the cursor of the patient with this key is */
export function contestants(cursorOf: (key: number) => string): Readonly<Record<ContestantName, Contestant>> {
  return {
    tandem: {
      name: 'tandem',
      // As `npm start` starts it.
      start: ['--max-semi-space-size=8', 'dist/src/cli.js', 'serve'],
      request: (workload, parameters) =>
        graphql(tandemDocument(workload, parameters.first), variablesOf(workload, parameters, cursorOf)),
      translate: fromTandem,
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
    },
    yoga: {
      name: 'yoga',
      start: [...typescript, 'bench/contestants/yoga.ts'],
      request: plainRequest,
    },
    naive: {
      name: 'naive',
      // Decorators are nothing that Node can strip.
      start: ['--import', 'tsx', 'bench/contestants/naive.ts'],
      request: plainRequest,
    },
    mesh: {
      name: 'mesh',
      start: [...typescript, 'bench/contestants/mesh.ts'],
      request: meshRequest,
      translate: fromMesh,
    },
  };
}
