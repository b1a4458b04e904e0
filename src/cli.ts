#!/usr/bin/env node
import 'reflect-metadata';
import { runCommandLine } from './commands/command-line.ts';

// Whoever reads has enough, such as `| head`: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCommandLine(process.argv.slice(2), process);
