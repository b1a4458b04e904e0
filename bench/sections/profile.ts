import { mkdir, writeFile } from 'node:fs/promises';
import type { HeapProfiler, Profiler, Runtime } from 'node:inspector';
import { join } from 'node:path';
import { moduleOfLines } from '../bundle-modules.ts';
import type { ContestantName } from '../contestant.ts';
import { runLoad } from '../load/run-load.ts';
import type { Report } from '../report/report.ts';
import { type Layer, layers, timesByLayer } from '../request-layers.ts';
import { type Performer, perform, type Stage } from '../stage.ts';
import { progressLine } from '../terminal.ts';
import { type WorkloadName, writing } from '../workloads.ts';

/** Where the CPU goes under one workload, of Tandem's process and of the limit's. */
export interface ProfileFigures {
  readonly workload: WorkloadName;
  /** Microseconds of CPU a request, by layer. */
  readonly layers: Readonly<Record<ProfiledName, ReadonlyMap<Layer, number>>>;
  readonly file: string;
  /** Shares of Tandem's CPU, by package, by folder of Tandem, or by part of Node; largest first. */
  readonly shares: readonly { readonly what: string; readonly share: number }[];
  /** The functions that used most by themselves. */
  readonly functions: readonly { readonly what: string; readonly share: number }[];
  /** Kilobytes allocated a request, and by which functions; other work on the machine does not change them. */
  readonly allocated: {
    readonly kilobytes: number;
    readonly functions: readonly { readonly what: string; readonly kilobytes: number }[];
  };
}

const profiled = ['tandem', 'limit'] as const satisfies readonly ContestantName[];
type ProfiledName = (typeof profiled)[number];

/** What one process has shown of one workload. */
interface Profiled {
  readonly profile: Profiler.Profile;
  readonly layers: ReadonlyMap<Layer, number>;
  readonly allocated: ProfileFigures['allocated'] | undefined;
}

/** Of processes that have answered the mix of all workloads before: the CPU of each layer, beside that of the limit. */
export async function runProfile(stage: Stage): Promise<readonly ProfileFigures[]> {
  const { options, signal } = stage;
  const workloads = options.only.filter((name) => name !== 'w11');
  const seen = new Map<string, Profiled>();
  const line = progressLine('profiling');
  for (const name of profiled) {
    await using performer = await perform(name, stage);
    line.update(`${name}: ${options.age} s of w11`);
    const mixed = { clients: 50, seconds: options.age, signal };
    await runLoad(performer.server.port, performer.requests('w11'), mixed);
    // Or W8 would count the rows that W10 has made.
    await stage.databases.forget();
    for (const workload of workloads) {
      line.update(`${name}: ${workload}`);
      seen.set(`${name} ${workload}`, await profileOf(performer, workload, options, signal));
      if (writing.has(workload)) await stage.databases.forget();
    }
  }
  line.done(workloads.join(', '));
  await mkdir(options.home, { recursive: true });
  return Promise.all(
    workloads.map(async (workload) => {
      const [tandem, limit] = profiled.map((name) => seen.get(`${name} ${workload}`)) as [Profiled, Profiled];
      const file = join(options.home, `${workload}.cpuprofile`);
      await writeFile(file, JSON.stringify(tandem.profile));
      const allocated = tandem.allocated as ProfileFigures['allocated'];
      const layers = { tandem: tandem.layers, limit: limit.layers };
      return { workload, layers, file, ...sharesOf(tandem.profile), allocated };
    }),
  );
}

async function profileOf(
  { server, requests: requestsOf, contestant }: Performer,
  workload: WorkloadName,
  { connections, seconds }: Stage['options'],
  signal: AbortSignal,
): Promise<Profiled> {
  const requests = requestsOf(workload);
  const load = { clients: connections, seconds: Math.max(2, seconds), signal };
  await runLoad(server.port, requests, load);
  // A profiled process is slower: its shares are those of the CPU that it takes otherwise.
  const before = await server.usage();
  const { requests: count } = await runLoad(server.port, requests, load);
  const cpuUs = (((await server.usage()).cpuMs - before.cpuMs) * 1000) / count;
  await server.startProfile();
  await runLoad(server.port, requests, load);
  const profile = await server.endProfile();
  const times = timesByLayer(profile);
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const layers = new Map([...times].map(([layer, time]) => [layer, (time / total) * cpuUs]));
  if (contestant.name !== 'tandem') return { profile, layers, allocated: undefined };
  await server.startSampling();
  const { requests: sampled } = await runLoad(server.port, requests, load);
  return { profile, layers, allocated: allocatedOf(await server.endSampling(), sampled) };
}

function allocatedOf({ head }: HeapProfiler.SamplingHeapProfile, requests: number) {
  const kilobytes = new Map<string, number>();
  const below = [head];
  for (let node = below.pop(); node !== undefined; node = below.pop()) {
    const what = whatIs(node.callFrame);
    kilobytes.set(what, (kilobytes.get(what) ?? 0) + node.selfSize / 1024 / requests);
    below.push(...node.children);
  }
  const functions = [...kilobytes].map(([what, each]) => ({ what, kilobytes: each }));
  return {
    kilobytes: functions.reduce((sum, each) => sum + each.kilobytes, 0),
    functions: functions.sort((a, b) => b.kilobytes - a.kilobytes).slice(0, 15),
  };
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byPart = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id) as Profiler.ProfileNode['callFrame'];
    const { functionName, url } = frame;
    // The inspector's share is the price of profiling.
    if (functionName === '(idle)' || url === 'node:inspector') continue;
    const part = partOf(frame);
    const time = timeDeltas[index] ?? 0;
    const where = whatIs(frame);
    total += time;
    byPart.set(part, (byPart.get(part) ?? 0) + time);
    byFunction.set(where, (byFunction.get(where) ?? 0) + time);
  }
  const largest = (times: ReadonlyMap<string, number>) =>
    [...times]
      .map(([what, time]) => ({ what, share: time / total }))
      .sort((a, b) => b.share - a.share)
      .slice(0, 25);
  return { shares: largest(byPart), functions: largest(byFunction) };
}

/** A function, what it belongs to, and where it stands. */
function whatIs(frame: Runtime.CallFrame): string {
  const line = frame.lineNumber >= 0 ? `:${frame.lineNumber + 1}` : '';
  return `${frame.functionName || '(anonymous)'}  ${partOf(frame)}  ${fileOf(frame)}${line}`;
}

const moduleOf = moduleOfLines();

/** Where a function was before it came into the bundle. */
function fileUrlOf({ url, lineNumber }: Runtime.CallFrame): string {
  return moduleOf(url, lineNumber) ?? url;
}

/** A package, a folder of Tandem, or a part of Node. */
function partOf(frame: Runtime.CallFrame): string {
  const { functionName, lineNumber } = frame;
  const url = fileUrlOf(frame);
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(url);
  if (inPackage !== null) {
    const [, name, rest] = inPackage as unknown as [string, string, string];
    const part = {
      mysql2: /lib\/(packets|parsers|commands)\//,
      graphql: /(execution|language|validation)\//,
    }[name]?.exec(rest)?.[1];
    return part === undefined ? name : `${name} (${part})`;
  }
  const ours = /\/dist\/src\/([^/]+)/.exec(url);
  if (ours !== null) return `tandem ${ours[1]}`;
  if (url.startsWith('node:')) return `${url.replace(/^node:(internal\/)?([^/]+).*/, 'node $2')}`;
  if (url !== '') return 'elsewhere';
  if (/^\(.*\)$/.test(functionName)) return functionName;
  // What has lines and no file was made while running: mysql2's row parsers, graphql-jit's operations.
  return lineNumber >= 0 ? 'generated (row parsers, operations)' : 'native (sockets, texts, JSON)';
}

function fileOf(frame: Runtime.CallFrame): string {
  return fileUrlOf(frame).split('/').slice(-1)[0] ?? '';
}

export function reportProfile(figures: readonly ProfileFigures[]): Report {
  return { parts: [layerPart(figures), ...figures.flatMap(partsOfWorkload)] };
}

/** CPU by layer: Tandem's, and the limit's behind it. */
function layerPart(figures: readonly ProfileFigures[]): Report['parts'][number] {
  const cell = (tandem: number, limit: number) => `${tandem.toFixed(0)} / ${limit.toFixed(0)}`;
  const totalOf = (times: ReadonlyMap<Layer, number>) => [...times.values()].reduce((sum, us) => sum + us, 0);
  const rows = layers
    .filter((layer) => figures.some(({ layers: of }) => of.tandem.has(layer) || of.limit.has(layer)))
    .map((layer) => [
      layer,
      ...figures.map(({ layers: of }) => cell(of.tandem.get(layer) ?? 0, of.limit.get(layer) ?? 0)),
    ]);
  const totals = figures.map(({ layers: of }) => cell(totalOf(of.tandem), totalOf(of.limit)));
  const ratios = figures.map(({ layers: of }) => (totalOf(of.tandem) / totalOf(of.limit)).toFixed(2));
  return {
    title: 'CPU of a request by layer, in µs: Tandem / the limit',
    table: [
      ['', ...figures.map(({ workload }) => workload.toUpperCase())],
      ...rows,
      ['all', ...totals],
      ['× the limit', ...ratios],
    ],
    note: 'One process of each, which has answered W11 before.',
  };
}

function partsOfWorkload({ workload, shares, functions, allocated }: ProfileFigures): Report['parts'] {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const table = (name: string, rows: ProfileFigures['shares']) => [
    [name, 'CPU'],
    ...rows.map(({ what, share }) => [what, percent(share)]),
  ];
  return [
    {
      detail: true,
      title: `Where Tandem’s CPU goes under ${workload.toUpperCase()}`,
      table: table('part', shares),
    },
    {
      detail: true,
      title: `The functions that use most by themselves under ${workload.toUpperCase()}`,
      table: table('function', functions),
      note: `The whole profile, for a browser’s developer tools, is ${workload}.cpuprofile beside the databases.`,
    },
    {
      detail: true,
      title: `The functions that allocate most of the ${allocated.kilobytes.toFixed(0)} kB a request of ${workload.toUpperCase()}`,
      table: [
        ['function', 'kB'],
        ...allocated.functions.map(({ what, kilobytes }) => [what, kilobytes.toFixed(1)]),
      ],
    },
  ];
}
