#!/usr/bin/env node
import 'reflect-metadata';
import { runCommandLine } from './commands/command-line.ts';
import { describeError } from './commands/describe-error.ts';

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
