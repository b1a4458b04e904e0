import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { initializeFailed } from '../errors.ts';
import { run } from '../run-process.ts';
import type { Program } from '../types.ts';
import { dataArguments } from './arguments.ts';
import { lastLines } from './error-log.ts';
import { commandLine, containerUser, runsAsRoot, serverEnv } from './program.ts';

/** Makes an empty data directory at a path that does not exist yet. */
export async function initializeData(program: Program, data: string, env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(data, { mode: 0o700 });
  const user = containerUser();
  const argv = commandLine(
    program,
    ['--initialize-insecure', ...dataArguments(data, { asRoot: runsAsRoot() })],
    {
      mounts: [dirname(data)],
      ...(user ? { user } : {}),
    },
  );
  const outcome = await run(argv, { env: serverEnv(env) });
  if (outcome.code !== 0)
    throw initializeFailed(executable(program), lastLines(outcome.stdout + outcome.stderr));
}

function executable(program: Program): string {
  return program.kind === 'native' ? (program.command.at(-1) ?? '') : program.image;
}
