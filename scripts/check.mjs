// All static checks at once; tsc and knip keep what they know of unchanged files in node_modules/.cache.
import { spawn } from 'node:child_process';

const cache = 'node_modules/.cache';
const checks = [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '--incremental', '--tsBuildInfoFile', `${cache}/check.tsbuildinfo`],
  ['tsc', '-p', 'src/console', '--incremental', '--tsBuildInfoFile', `${cache}/check-console.tsbuildinfo`],
  ['knip', '--cache', '--cache-location', `${cache}/knip`],
];

/** Whether one passes; it says what it found when it has ended. */
function run([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(`node_modules/.bin/${program}`, args);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('error', (error) => {
      output += `${program}: ${error.message}\n`;
    });
    child.on('close', (code) => {
      process.stdout.write(output);
      resolve(code === 0);
    });
  });
}

const passed = await Promise.all(checks.map(run));
process.exitCode = passed.every(Boolean) ? 0 : 1;
