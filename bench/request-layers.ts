import type { Profiler, Runtime } from 'node:inspector';
import { moduleOfLines } from './bundle-modules.ts';

type Frame = Runtime.CallFrame;

/** What a request goes through, from its client to the database and back. */
export const layers = [
  'HTTP: Node, sockets of clients',
  'fastify and server/',
  'access/ and audit/',
  'GraphQL: graphql/, resolvers/, context',
  'the work itself: SQL by hand',
  'reads/',
  'writes/',
  'sources/: turns, pool, sessions',
  'mysql2',
  'TLS, sockets of databases',
  'metrics, traces, log',
  'garbage collection',
  'system calls, native code, event loop',
] as const;
export type Layer = (typeof layers)[number];

/** Frames of sockets and streams: whose they are, the frames that called them tell. */
const socket = Symbol('socket');

const native: Layer = 'system calls, native code, event loop';

/**
 * Microseconds of a profile by layer. What serves several layers, such as a list's function or JSON, counts to the layer that calls it.
 */
export function timesByLayer({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<Layer, number> {
  const layerOfFrame = frameLayers();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const known = new Map<number, Layer | null>();

  function layerOf(id: number): Layer | null {
    let isSocket = false;
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = (byId.get(at) as Profiler.ProfileNode).callFrame;
      if (at === id && isNothing(frame)) return null;
      const layer = layerOfFrame(frame);
      if (layer === socket) isSocket = true;
      else if (layer !== undefined) return isSocket ? ofSockets(layer) : layer;
    }
    return isSocket ? 'TLS, sockets of databases' : native;
  }

  const times = new Map<Layer, number>();
  for (const [at, id] of samples.entries()) {
    const layer = known.has(id) ? (known.get(id) as Layer | null) : layerOf(id);
    known.set(id, layer);
    if (layer !== null) times.set(layer, (times.get(layer) ?? 0) + (timeDeltas[at] ?? 0));
  }
  return times;
}

/** A process that waits, and the price of profiling. */
function isNothing({ functionName, url }: Frame): boolean {
  return functionName === '(idle)' || url === 'node:inspector' || url === 'node:inspector/promises';
}

/** A server hands its answers to clients' sockets, and the driver its statements to those of databases. */
function ofSockets(caller: Layer): Layer {
  const isClients = caller === 'HTTP: Node, sockets of clients' || caller === 'fastify and server/';
  return isClients ? 'HTTP: Node, sockets of clients' : 'TLS, sockets of databases';
}

const packages: readonly (readonly [RegExp, Layer])[] = [
  [
    /^(?:@?fastify\b|avvio|find-my-way|light-my-request|secure-json-parse|reusify|fastq)/,
    'fastify and server/',
  ],
  [/^(?:graphql|type-graphql|@apollo|@graphql-tools)/, 'GraphQL: graphql/, resolvers/, context'],
  [/^(?:mysql2|lru\.min|sql-escaper|iconv-lite|long$|generate-function)/, 'mysql2'],
  [/^(?:pino|prom-client|@opentelemetry)/, 'metrics, traces, log'],
];

const folders: Readonly<Record<string, Layer>> = {
  server: 'fastify and server/',
  graphql: 'GraphQL: graphql/, resolvers/, context',
  resolvers: 'GraphQL: graphql/, resolvers/, context',
  scalars: 'GraphQL: graphql/, resolvers/, context',
  'context.js': 'GraphQL: graphql/, resolvers/, context',
  access: 'access/ and audit/',
  audit: 'access/ and audit/',
  reads: 'reads/',
  writes: 'writes/',
  sources: 'sources/: turns, pool, sessions',
  observability: 'metrics, traces, log',
  log: 'metrics, traces, log',
};

/** The layer of a frame by itself; undefined: that of its caller. */
function frameLayers(): (frame: Frame) => Layer | typeof socket | undefined {
  const moduleOf = moduleOfLines();
  return ({ functionName, url: given, lineNumber }) => {
    const url = moduleOf(given, lineNumber) ?? given;
    if (functionName === '(garbage collector)') return 'garbage collection';
    if (functionName === '(program)') return native;
    const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
    if (inPackage !== undefined) return packages.find(([name]) => name.test(inPackage))?.[1];
    const folder = /\/dist\/src\/([^/]+)/.exec(url)?.[1];
    if (folder !== undefined) return folders[folder];
    if (url.includes('/bench/contestants/')) return 'the work itself: SQL by hand';
    if (/^node:_http|^node:internal\/http/.test(url)) return 'HTTP: Node, sockets of clients';
    if (/^node:(?:net|_tls|tls|internal\/(?:streams|stream_base|net|tls))/.test(url)) return socket;
    return undefined;
  };
}
