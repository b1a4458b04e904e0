import type { Checkout } from './checkout.ts';
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

/** What Tandem alone has to be told. */
interface OfTandem {
  /** What a server of Tandem says the cursor of the patient with this key is: a checkout may write them otherwise. */
  readonly cursorOf: (key: number, of: TandemName) => string;
  /** Of who asks Tandem; absent: everybody may. */
  readonly token?: string | undefined;
  /** Absent: no other checkout takes part. */
  readonly checkout?: Checkout | undefined;
}

/** Those that are Tandem. */
export type TandemName = 'tandem' | 'old';

export function isTandem(name: ContestantName): name is TandemName {
  return name === 'tandem' || name === 'old';
}

export function contestants({
  cursorOf,
  token,
  checkout,
}: OfTandem): Readonly<Record<ContestantName, Contestant>> {
  const tandem = (name: TandemName): Contestant => ({
    name,
    // As `npm start` starts it.
    start: ['--max-semi-space-size=8', 'dist/src/cli.js', 'serve'],
    request: (workload, parameters, spelling) => {
      const start = spelling.pages === 'filter' ? itself : (key: number) => cursorOf(key, name);
      const document = tandemDocument(workload, parameters.first, spelling);
      return graphql(document, variablesOf(workload, parameters, start), token);
    },
    translate: (workload, data) => fromTandem(workload, withoutAliases(data) as Record<string, unknown>),
  });
  return {
    tandem: tandem('tandem'),
    old: { ...tandem('old'), ...(checkout && { directory: checkout.directory }) },
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
