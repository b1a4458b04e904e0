import { randomStream } from '../src/seeders/random.ts';

/** What one request asks for, independent of how a contestant spells it. */
export interface Parameters {
  /** Rows after this key, or the row with it. */
  readonly key: number;
  /** Rows at most. */
  readonly first: number;
  /** What last names start with. */
  readonly prefix: string;
  /** The key of a row that is there to be changed. */
  readonly spare: number;
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

export const workloadNames = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8', 'w9', 'w10', 'w11'] as const;

export const workloads: Readonly<Record<WorkloadName, Workload>> = {
  w1: { name: 'w1', what: '20 patients with a page of their records each', target: 1.25, first: 20 },
  w2: { name: 'w2', what: 'one patient with records', target: 1.25, first: 1 },
  w3: { name: 'w3', what: 'w1 from both clouds in one operation', target: 1.25, first: 20 },
  w4: { name: 'w4', what: '200 patients, 6 fields', target: 1.25, first: 200 },
  w5: { name: 'w5', what: 'create a patient', target: 1.6, first: 0 },
  w6: { name: 'w6', what: '20 of those whose last name starts so, with the count', target: 1.25, first: 20 },
  w7: { name: 'w7', what: '20 patients with the last 3 treated records each', target: 1.25, first: 20 },
  w8: { name: 'w8', what: 'patients from a key on by gender: count, oldest', target: 1.25, first: 0 },
  w9: { name: 'w9', what: 'update a patient', target: 1.6, first: 0 },
  w10: { name: 'w10', what: 'create 1000 patients at once', target: 1.5, first: 1000 },
  w11: { name: 'w11', what: 'all of these mixed', target: null, first: 20 },
};

/** Of 100 requests of W11, how many are of each other workload; W10 is one in 500, since it is a thousand writes. */
const mixed: Readonly<Record<Exclude<WorkloadName, 'w11'>, number>> = {
  w1: 20,
  w2: 25,
  w3: 5,
  w4: 8,
  w5: 8,
  w6: 12,
  w7: 10,
  w8: 1.8,
  w9: 10,
  w10: 0.2,
};

/** Workloads that write. */
export const writing: ReadonlySet<WorkloadName> = new Set(['w5', 'w9', 'w10', 'w11']);

/** How clients spell the same questions. */
export interface Spelling {
  /** How a page names where it starts. */
  readonly pages: 'cursor' | 'filter';
  /** Whether documents have aliases and fragments. */
  readonly aliases: boolean;
}

/** Patients behind all others that W9 changes, so that no other workload answers differently after it. */
export const spareRows = 500;
export const spareLastName = 'Zz-Spare';

/** The last name of patients that W5 and W10 create: none of W6's prefixes leads to it. */
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
    spare: patients + 1 + below(spareRows),
  }));
}

/** W11: of which workload each of `count` requests is, the same for every contestant. */
export function mixOf(count: number): Exclude<WorkloadName, 'w11'>[] {
  const random = randomStream(2);
  const names = Object.keys(mixed) as (keyof typeof mixed)[];
  const ends = names.map((_, at) => names.slice(0, at + 1).reduce((sum, name) => sum + mixed[name], 0));
  return Array.from({ length: count }, () => {
    const place = random() * 100;
    return names[ends.findIndex((end) => place < end)] ?? 'w2';
  });
}
