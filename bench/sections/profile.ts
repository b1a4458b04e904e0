import { mkdir, writeFile } from 'node:fs/promises';
import type { HeapProfiler, Profiler, Runtime } from 'node:inspector';
import { join } from 'node:path';
import { moduleOfLines } from '../bundle-modules.ts';
import { runLoad } from '../load/run-load.ts';
import type { Report } from '../report/report.ts';
import { perform, type Stage } from '../stage.ts';
import type { WorkloadName } from '../workloads.ts';

/** Where Tandem's CPU goes under one workload. */
export interface ProfileFigures {
  readonly workload: WorkloadName;
  readonly file: string;
  /** Shares of the CPU that was used, by package, by folder of Tandem, or by part of Node; largest first. */
  readonly shares: readonly { readonly what: string; readonly share: number }[];
  /** The functions that used most by themselves. */
  readonly functions: readonly { readonly what: string; readonly share: number }[];
  /** Kilobytes allocated a request, and by which functions; other work on the machine does not change them. */
  readonly allocated: {
    readonly kilobytes: number;
    readonly functions: readonly { readonly what: string; readonly kilobytes: number }[];
  };
}

export async function runProfile(stage: Stage): Promise<ProfileFigures> {
  const { options, signal } = stage;
  const [workload = 'w1'] = options.only;
  await using tandem = await perform('tandem', stage);
  const requests = tandem.requests(workload);
  const load = { clients: options.connections, seconds: Math.max(3, options.seconds), signal };
  await runLoad(tandem.server.port, requests, load);
  await tandem.server.startProfile();
  await runLoad(tandem.server.port, requests, load);
  const profile = await tandem.server.endProfile();
  await mkdir(options.home, { recursive: true });
  const file = join(options.home, `${workload}.cpuprofile`);
  await writeFile(file, JSON.stringify(profile));
  await tandem.server.startSampling();
  const { requests: count } = await runLoad(tandem.server.port, requests, load);
  const allocated = allocatedOf(await tandem.server.endSampling(), count);
  await stage.databases.forget();
  return { workload, file, ...sharesOf(profile), allocated };
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

export function reportProfile({ workload, shares, functions, allocated }: ProfileFigures): Report {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const table = (name: string, rows: ProfileFigures['shares']) => [
    [name, 'CPU'],
    ...rows.map(({ what, share }) => [what, percent(share)]),
  ];
  return {
    parts: [
      { title: `Where Tandem’s CPU goes under ${workload.toUpperCase()}`, table: table('part', shares) },
      {
        detail: true,
        title: 'The functions that use most by themselves',
        table: table('function', functions),
        note: `The whole profile, for a browser’s developer tools, is ${workload}.cpuprofile beside the databases.`,
      },
      {
        detail: true,
        title: `The functions that allocate most of the ${allocated.kilobytes.toFixed(0)} kB a request`,
        table: [
          ['function', 'kB'],
          ...allocated.functions.map(({ what, kilobytes }) => [what, kilobytes.toFixed(1)]),
        ],
      },
    ],
  };
}
