import { randomStream } from '../src/seeders/random.ts';

/** What one request asks for, independent of how a contestant spells it. */
export interface Parameters {
  /** Rows after this key, or the row with it. */
  readonly key: number;
  /** Rows at most. */
  readonly first: number;
  /** What last names start with. */
  readonly prefix: string;
}

export interface Workload {
  readonly name: WorkloadName;
  readonly what: string;
  /** Tandem's CPU per request over the limit's, at most; null where no target is set. */
  readonly target: number | null;
  /** Rows of a page. */
  readonly first: number;
}

export type WorkloadName = (typeof workloadNames)[number];

export const workloadNames = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'] as const;

export const workloads: Readonly<Record<WorkloadName, Workload>> = {
  w1: { name: 'w1', what: '20 patients with all their records', target: 1.5, first: 20 },
  w2: { name: 'w2', what: 'one patient with records', target: 1.6, first: 1 },
  w3: { name: 'w3', what: 'w1 from both clouds in one operation', target: 1.6, first: 20 },
  w4: { name: 'w4', what: '200 patients, 6 fields', target: 1.4, first: 200 },
  w5: { name: 'w5', what: 'create a patient', target: null, first: 0 },
  w6: { name: 'w6', what: '20 of those whose last name starts so, with the count', target: 1.8, first: 20 },
};

/** The last name of patients that W5 creates: none of W6's prefixes leads to it. */
export const createdLastName = 'Zz-Benchmark';

/**
 * Parameters of `count` requests: the same for every contestant and on every machine.
 *
 * @param first rows of a page
 * @param patients how many there are; pages end before the last of them, so that all are full
 * @param lastNames to take prefixes from
 */
export function parametersOf(
  first: number,
  count: number,
  patients: number,
  lastNames: readonly string[],
): Parameters[] {
  const random = randomStream(1);
  const below = (limit: number) => Math.floor(random() * limit);
  return Array.from({ length: count }, () => ({
    key: 1 + below(patients - first - 1),
    first,
    prefix: (lastNames[below(lastNames.length)] as string).slice(0, 1 + below(3)),
  }));
}
