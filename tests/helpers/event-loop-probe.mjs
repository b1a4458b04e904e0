// Preloaded into a server's process (node --import): measures the longest stretch that its main thread worked without
// coming back to the event loop. CPU time of that thread and no other, so that a busy machine does not count:
// https://nodejs.org/docs/latest-v24.x/api/process.html#processthreadcpuusagepreviousvalue
// SIGUSR2 has it write what it saw since the last time, as a line beside the log's; SIGWINCH collects garbage first.

const spent = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let last = spent();
let longest = 0;
setInterval(() => {
  const now = spent();
  longest = Math.max(longest, now - last);
  last = now;
}, 2).unref();

let count = 0;
process.on('SIGUSR2', () => {
  const { rss, heapUsed, external } = process.memoryUsage();
  const seen = { probe: ++count, longestMs: longest, rss, heapUsed, external };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  last = spent();
  longest = 0;
});
process.on('SIGWINCH', () => {
  // What hangs on weak references goes one collection later.
  for (let times = 0; times < 4; times++) globalThis.gc();
});
