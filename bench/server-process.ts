import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { HeapProfiler, Profiler } from 'node:inspector';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Contestant, Request } from './contestant.ts';
import { Connection, encodeRequest } from './load/connection.ts';
import type { Pinning } from './pinning.ts';

/** What a process has used since it started. */
export interface Usage {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Flags of Node with which a process tells its garbage collections. */
export const collectionFlags = ['--trace-gc-nvp'];

/** What collections of the young space have met, in bytes. */
export interface Collections {
  readonly allocated: number;
  /** Was still in use, and was copied within the young space. */
  readonly survived: number;
  /** Was still in use at its second collection, and went to the old space. */
  readonly promoted: number;
}

/** A contestant that answers. */
export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
  /** From spawning the process to its first answer from the database. */
  readonly startMs: number;
  usage(): Promise<Usage>;
  /** The statements that `work` makes it send to its databases; from the first call on it is slower. */
  statements(work: () => Promise<unknown>): Promise<Statement[]>;
  /** Bytes so far; only of a process that was started with `collectionFlags`. */
  collections(): Collections;
  /** Bytes of the heap, and of buffers beside it, after a collection. */
  heapUsed(): Promise<number>;
  startLoopDelay(): Promise<void>;
  /** Milliseconds that 99.9 % of the turns of its event loop were late at most. */
  endLoopDelay(): Promise<number>;
  startProfile(): Promise<void>;
  endProfile(): Promise<Profiler.Profile>;
  startSampling(): Promise<void>;
  /** What was allocated since, garbage too, by function. */
  endSampling(): Promise<HeapProfiler.SamplingHeapProfile>;
}

const root = new URL('../', import.meta.url);
const startLimitMs = 30_000;

/**
 * Starts a contestant and waits for its first answer.
 *
 * @param env how to reach the databases
 * @param first a request that reads from a database
 */
export async function startContestant(
  contestant: Contestant,
  env: NodeJS.ProcessEnv,
  first: Request,
  { prefix }: Pinning,
  nodeFlags: readonly string[] = [],
): Promise<ServerProcess> {
  const port = await freePort();
  const [command, ...args] = [
    ...prefix,
    process.execPath,
    ...nodeFlags,
    '--import',
    new URL('probe.mjs', import.meta.url).href,
    ...contestant.start,
  ];
  const started = performance.now();
  const child = spawn(command as string, args, {
    cwd: contestant.directory ?? root,
    env: {
      ...process.env,
      ...env,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      PORT: String(port),
      // tsx compiles with the options of the tsconfig.json that includes a file, and the root's does not.
      TSX_TSCONFIG_PATH: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said: string[] = [];
  const heap = { allocated: 0, survived: 0, promoted: 0 };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      addCollections(heap, String(chunk));
      if (said.push(String(chunk)) > 50) said.shift();
    });
  }
  // What it says may be why: a failed start is worth nothing without.
  const fail = (why: string) => new Error(`${contestant.name} ${why}\n${said.join('')}`);
  const dispose = () => end(child);
  try {
    await firstAnswer(port, encodeRequest(first), child, fail);
  } catch (error) {
    await dispose();
    throw error;
  }
  const startMs = performance.now() - started;
  const ask = asker(child, fail);

  return {
    port,
    startMs,
    async usage() {
      const { cpu, rss } = await ask<{ cpu: NodeJS.CpuUsage; rss: number }>('usage');
      return { cpuMs: (cpu.user + cpu.system) / 1000, rssMb: rss / 1024 / 1024 };
    },
    async statements(work) {
      await ask('record');
      await work();
      return ask('recorded');
    },
    collections: () => ({ ...heap }),
    heapUsed: () => ask('heap'),
    startLoopDelay: () => ask('delay'),
    endLoopDelay: () => ask('delayed'),
    startProfile: () => ask('profile'),
    endProfile: () => ask('profiled'),
    startSampling: () => ask('sample'),
    endSampling: () => ask('sampled'),
    [Symbol.asyncDispose]: dispose,
  };
}

async function firstAnswer(
  port: number,
  request: Buffer,
  child: ChildProcess,
  fail: (why: string) => Error,
): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  for (let last = ''; ; await delay(10)) {
    if (child.exitCode !== null || child.signalCode !== null) throw fail('ended while starting');
    if (Date.now() > deadline) throw fail(`did not answer in ${startLimitMs / 1000} s: ${last}`);
    const connection = await Connection.open(port).catch(() => null);
    if (connection === null) continue;
    try {
      const { status, body } = await connection.send(request);
      last = `${status} ${body}`;
      if (status === 200 && body.indexOf('"errors":') === -1) return;
    } catch (error) {
      last = String(error);
    } finally {
      connection.close();
    }
  }
}

/** Asks bench/probe.mjs inside the process. */
function asker(child: ChildProcess, fail: (why: string) => Error) {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(fail('ended while it was measured'));
  });
  return <T>(question: string) =>
    new Promise<T>((resolve, reject) => {
      const id = asked++;
      waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      child.send({ id, ask: question }, (error) => error && reject(fail('ended before it was measured')));
    });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  // Nothing is in flight, and no contestant but Tandem has a shutdown worth waiting for.
  child.kill('SIGKILL');
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Adds the lines that V8 writes of collections: `… gc=s … allocated=9431792 promoted=1276264 … new_space_survived=2530968 …` */
function addCollections(heap: { allocated: number; survived: number; promoted: number }, text: string): void {
  for (const line of text.split('\n')) {
    if (!line.includes(' gc=')) continue;
    const of = (name: string) => Number(new RegExp(` ${name}=(\\d+)`).exec(line)?.[1] ?? 0);
    heap.allocated += of('allocated');
    if (!line.includes(' gc=s ')) continue;
    heap.survived += of('new_space_survived');
    heap.promoted += of('promoted');
  }
}
