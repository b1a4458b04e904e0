#!/usr/bin/env node
import 'reflect-metadata';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from './commands/command-line.ts';
import { describeError } from './commands/describe-error.ts';

// V8 keeps what it compiles of a build, which is a fifth of a start's CPU. The folder belongs to the build: code in a cache is run as it
// is, and every account can write where Node would put it by itself. Where it cannot be written, nothing is kept.
if (import.meta.url.endsWith('.js'))
  enableCompileCache(fileURLToPath(new URL('../.compile-cache', import.meta.url)));

let unwritten = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A reader that has enough, such as `| head`, is no fault: the command runs to its end, with its own exit code.
    if (code === 'EPIPE') return;
    unwritten = true;
    process.exitCode ||= 1;
    if (stream === process.stdout) process.stderr.write(`${describeError({ code, path: 'stdout' })}\n`);
  });
}

process.exitCode = (await runCommandLine(process.argv.slice(2), process)) || (unwritten ? 1 : 0);
