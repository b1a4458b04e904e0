import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceName } from '../../source-name.ts';
import { accountsFailed, portTaken, serverDied, serverSilent } from '../errors.ts';
import type { ServerPaths } from '../home.ts';
import { serves } from '../processes.ts';
import { lastLines, logSince, saysAccountsFailed, saysPortTaken } from './error-log.ts';
import { readGreeting } from './greeting.ts';

const START_SECONDS = 90;

interface Wait {
  child: ChildProcess;
  source: SourceName;
  port: number;
  files: ServerPaths;
  /** Where the log ended before this start. */
  logStart: number;
  /** True in a container, whose pid file means nothing out here. */
  contained: boolean;
}

/**
 * Waits until a server that was just launched accepts connections. The pid file proves that it is this server
 * which holds the port: it is written after binding.
 */
export async function untilReady({ child, source, port, files, logStart, contained }: Wait) {
  const { data, pidFile, log } = files;
  const deadline = Date.now() + START_SECONDS * 1000;
  for (;;) {
    const pid = contained ? null : readPid(pidFile);
    const bound = contained || (pid !== null && serves(pid, data));
    const version = bound ? (await readGreeting(port))?.version : null;
    if (version) {
      if (!saysAccountsFailed(logSince(log, logStart))) return { pid, version };
      throw accountsFailed(source, lastLines(logSince(log, logStart)), log);
    }
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      const words = logSince(log, logStart);
      throw saysPortTaken(words) ? portTaken(source, port) : serverDied(source, lastLines(words), log);
    }
    if (Date.now() > deadline) {
      throw serverSilent(source, START_SECONDS, lastLines(logSince(log, logStart)), log);
    }
    await sleep(25);
  }
}

export function readPid(file: string): number | null {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || null;
  } catch {
    return null;
  }
}
