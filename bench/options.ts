import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ContestantName, contestantNames, contestantsAre } from './contestant.ts';
import { type Spelling, type WorkloadName, workloadNames, workloads } from './workloads.ts';

export interface Options {
  readonly sections: readonly SectionName[];
  readonly contestants: readonly ContestantName[];
  /** Another checkout of Tandem to measure this one against: a folder or a commit. */
  readonly against: string | undefined;
  /** Two files of the grid's figures to be compared, and nothing measured. */
  readonly compare: readonly [string, string] | undefined;
  readonly only: readonly WorkloadName[];
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly build: boolean;
  readonly json: boolean;
  readonly markdown: boolean;
  /** Whether depth is measured in a table of a million patients, too. */
  readonly million: boolean;
  /** Directory of the two databases. */
  readonly home: string;
  readonly spelling: Spelling;
  /** The role in which Tandem is asked, by a token; absent: without one. */
  readonly role: string | undefined;
  /** Seconds of mixed load before an old process is measured. */
  readonly age: number;
}

/** Parts of a run; each prints tables of its own. */
export const sectionNames = [
  'main',
  'grid',
  'heap',
  'waiting',
  'filters',
  'statements',
  'growth',
  'clients',
  'deep',
  'pool',
  'profile',
  'access',
] as const;

export type SectionName = (typeof sectionNames)[number];

export const help = `npm run bench -- [options]

Measures Tandem against other servers that do the same work on the same two local databases.

  --contestants a,b   who (all):
${contestantNames.map((name) => `                        ${name.padEnd(9)}  ${contestantsAre[name]}`).join('\n')}
  --only w1,w3        what (all):
${workloadNames.map((name) => `                        ${name}  ${workloads[name].what}`).join('\n')}

Instead of the main tables, any of:
  --grid              20, 50 and 200 clients, young and old processes, open arrivals
    --compare a,b     two grid.json of two runs: whether they agree, and nothing is measured
    --age 300         seconds of w11 before a process counts as old
  --heap              bytes that a request allocates, and that outlive a collection
  --waiting           the heap of a request that waits for a connection
  --filters           what a filter adds to a page, beside the same page by cursor
  --statements        the database's CPU of Tandem's statements beside the limit's, on one connection
  --growth            W1 with 1 to 1000 patients
  --clients           W1 with 1 to 200 clients
  --deep              the first and a deep page of tables of 10,000 and 100,000 patients
    --million         and of 1,000,000, which take minutes to make and a gigabyte to keep
  --pool              a read through Tandem's pool and through mysql2's, by turns
  --profile           where the CPU goes, layer by layer, of Tandem and of the limit, after --age seconds of w11
  --access            what a token, a row rule and the audit trail add to W1, W2 and W5: --rounds 20
  --main              the main tables, too

  --against main      this checkout of Tandem beside another one, a commit or a folder, in the same rounds:
                      old over new with the 95 % interval of its median; the contestants are
                      then tandem and old, unless --contestants names more. --rounds 20

  --seconds n         each measurement, after as long a warm-up (1.2)
  --rounds n          measurements of each; medians are told (3)
  --pages filter      pages start by where: { key: { gt } } instead of by cursor
  --aliases           documents with aliases and a fragment
  --role administrator  Tandem is asked with a token in this role
  --connections n     clients that ask at the same time (20)
  --no-build          measure the build that is in dist/
  --json              results as JSON on stdout
  --markdown          write the figures into docs/performance.md
  --home dir          where the two databases live (.tandem/bench); for two runs at once
  --help
`;

/** @throws Error that says what is wrong with the arguments; null where help was asked for */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      contestants: { type: 'string' },
      against: { type: 'string' },
      compare: { type: 'string' },
      only: { type: 'string', default: workloadNames.join() },
      seconds: { type: 'string', default: '1.2' },
      rounds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '20' },
      pages: { type: 'string', default: 'cursor' },
      aliases: { type: 'boolean', default: false },
      role: { type: 'string' },
      age: { type: 'string', default: '300' },
      main: { type: 'boolean', default: false },
      grid: { type: 'boolean', default: false },
      heap: { type: 'boolean', default: false },
      waiting: { type: 'boolean', default: false },
      filters: { type: 'boolean', default: false },
      statements: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      clients: { type: 'boolean', default: false },
      deep: { type: 'boolean', default: false },
      million: { type: 'boolean', default: false },
      pool: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      access: { type: 'boolean', default: false },
      build: { type: 'boolean', default: true },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      home: { type: 'string', default: fileURLToPath(new URL('../.tandem/bench', import.meta.url)) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const sections = sectionNames.filter((name) => values[name]);
  if (values.access && !values.build) {
    throw new Error(
      '--access --no-build: roles are given to modules, and dist/ may hold their bundle; leave out --no-build',
    );
  }
  return {
    sections: sections.length === 0 ? ['main'] : sections,
    contestants: contestantsOf(values.contestants, values.against),
    against: values.against,
    compare: twoOf(values.compare),
    only: listOf('--only', values.only, workloadNames),
    seconds: numberOf('--seconds', values.seconds, 0.1),
    rounds: wholeOf('--rounds', values.rounds),
    connections: wholeOf('--connections', values.connections),
    build: values.build,
    json: values.json,
    markdown: values.markdown,
    million: values.million,
    home: resolve(values.home),
    spelling: { pages: pagesOf(values.pages), aliases: values.aliases },
    role: values.role,
    age: numberOf('--age', values.age, 0),
  };
}

function twoOf(text: string | undefined): [string, string] | undefined {
  if (text === undefined) return undefined;
  const [one, other, ...more] = text.split(',');
  if (one && other && more.length === 0) return [one, other];
  throw new Error(`--compare ${text}: two files are wanted, with a comma between`);
}

function contestantsOf(text: string | undefined, against: string | undefined): ContestantName[] {
  const usual = against === undefined ? contestantNames.filter((name) => name !== 'old') : ['tandem', 'old'];
  const names = listOf('--contestants', text ?? usual.join(), contestantNames);
  if (names.includes('old') && against === undefined) {
    throw new Error('--contestants old: say by --against which checkout that is');
  }
  return names;
}

function pagesOf(text: string): Spelling['pages'] {
  if (text === 'cursor' || text === 'filter') return text;
  throw new Error(`--pages ${text}: known are cursor, filter`);
}

/** The names in a comma-separated text, in the order in which everything lists them. */
function listOf<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  const asked = text.toLowerCase().split(',');
  const unknown = asked.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`${option} ${unknown}: known are ${known.join(', ')}`);
  return known.filter((name) => asked.includes(name));
}

function numberOf(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!(value >= least)) throw new Error(`${option} ${text}: a number of at least ${least} is wanted`);
  return value;
}

function wholeOf(option: string, text: string): number {
  const value = numberOf(option, text, 1);
  if (!Number.isSafeInteger(value)) throw new Error(`${option} ${text}: a whole number is wanted`);
  return value;
}
