// Loaded into every contestant's process before its own code: tells the harness over the IPC channel what the
// process has used. Plain JavaScript, since not every contestant starts with a loader.
import { tracingChannel } from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';

let session;
let statements;
let loop;

const answers = {
  usage: async () => ({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }),
  delay() {
    loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();
  },
  delayed() {
    loop.disable();
    return loop.percentile(99.9) / 1e6;
  },
  async heap() {
    await inspect();
    await session.post('HeapProfiler.collectGarbage');
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  async profile() {
    await inspect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
  },
  // mysql2 tells its statements to whoever subscribes.
  record() {
    if (statements !== undefined) return;
    statements = [];
    const subscribers = {
      start: ({ query, values }) => statements.push({ sql: query, values: values ?? [] }),
    };
    for (const what of ['query', 'execute']) tracingChannel(`mysql2:${what}`).subscribe(subscribers);
  },
  recorded: () => statements.splice(0),
  profiled: async () => (await session.post('Profiler.stop')).profile,
  async sample() {
    await inspect();
    // What is garbage by the end counts, too.
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: 4096,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  },
  sampled: async () => (await session.post('HeapProfiler.stopSampling')).profile,
};

async function inspect() {
  const { Session } = await import('node:inspector/promises');
  session = new Session();
  session.connect();
}

process.on('message', async ({ id, ask }) => process.send({ id, answer: await answers[ask]?.() }));
// The harness is gone, however it ended.
process.on('disconnect', () => process.exit());
process.channel?.unref();
