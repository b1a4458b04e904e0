// Loaded into every contestant's process before its own code: tells the harness over the IPC channel what the
// process has used. Plain JavaScript, since not every contestant starts with a loader.
let session;

const answers = {
  usage: async () => ({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }),
  async profile() {
    const { Session } = await import('node:inspector/promises');
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
  },
  profiled: async () => (await session.post('Profiler.stop')).profile,
};

process.on('message', async ({ id, ask }) => process.send({ id, answer: await answers[ask]?.() }));
// The harness is gone, however it ended.
process.on('disconnect', () => process.exit());
process.channel?.unref();
