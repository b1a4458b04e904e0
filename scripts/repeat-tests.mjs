// Runs the tests that wait for clocks again and again, beside a core that is busy with something else, and counts
// what fails: `npm run test:repeat -- 20`, with names of other files behind the number where they are meant instead.
import { spawn } from 'node:child_process';

/** They have deadlines, kill processes or count what a moment holds. */
const byTheClock = [
  'cluster',
  'fast-path',
  'shutdown',
  'process',
  'pool.test',
  'pool-faults',
  'outage',
  'fallback',
];

const [count = '10', ...names] = process.argv.slice(2);
const runs = Number(count);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`The number of runs comes first, not ${count}.`);
const files = (names.length > 0 ? names : byTheClock).map((name) => `integration/${name}`);

const busy = spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' });
let running;
process.on('exit', () => {
  busy.kill();
  running?.kill();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** How a run ended, and the names of the tests that failed. */
function run() {
  return new Promise((resolve) => {
    const child = spawn('node_modules/.bin/vitest', ['run', ...files], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    running = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    child.on('close', (code) => resolve({ code, output }));
  });
}

let failures = 0;
for (let at = 1; at <= runs; at++) {
  const started = performance.now();
  const { code, output } = await run();
  console.log(
    `run ${at} of ${runs}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - started) / 1000)} s`,
  );
  if (code === 0) continue;
  failures++;
  const failed = output
    .split('\n')
    .filter((line) => /^\s*FAIL |AssertionError|^Error:|left behind/.test(line));
  console.log([...new Set(failed)].join('\n') || output.slice(-2000));
}
console.log(`${runs - failures} of ${runs} runs passed: ${files.join(', ')}`);
process.exit(failures === 0 ? 0 : 1);
