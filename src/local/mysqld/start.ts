import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { SourceName } from '../../source-name.ts';
import type { HomePaths } from '../home.ts';
import type { Secrets } from '../local-env.ts';
import { endServer } from '../processes.ts';
import { tlsFiles } from '../tls/files.ts';
import type { LocalServer, Program, ReportProgress } from '../types.ts';
import { accountsSql } from './accounts.ts';
import { serverArguments } from './arguments.ts';
import { containerName, removeContainer } from './container.ts';
import { writeMark } from './data.ts';
import { lastLines, logEnd, logSince } from './error-log.ts';
import { launch, release } from './guard.ts';
import { commandLine, containerUser, runsAsRoot, serverEnv } from './program.ts';
import { readPid, untilReady } from './ready.ts';

export interface StartOptions {
  program: Program;
  paths: HomePaths;
  source: SourceName;
  port: number;
  secrets: Secrets;
  detached: boolean;
  mysqldOptions: readonly string[];
  env: NodeJS.ProcessEnv;
  report: ReportProgress;
}

/** A server of ours: `child` is its guard, or the server itself when detached. */
export interface RunningMysqld {
  server: LocalServer;
  child: ChildProcess;
  /** Set before a wanted end, so that it is not reported as a fault. */
  expected: boolean;
}

/** Starts one server on its data and waits until it accepts connections. */
export async function startServer(options: StartOptions): Promise<RunningMysqld> {
  const { program, paths, source, port, secrets, report } = options;
  const files = paths.server(source);
  const started = performance.now();
  report({ kind: 'start', source, port });
  await endLeftover(files.pidFile, files.data);
  if (program.kind === 'docker') await removeContainer(program.client, containerName(paths.home, source));
  await mkdir(files.dir, { recursive: true, mode: 0o700 });
  const rootPassword = randomBytes(24).toString('base64url');
  await writeFile(files.initFile, accountsSql(secrets, rootPassword), { mode: 0o600 });
  const logStart = logEnd(files.log);
  const child = launch({
    argv: serverCommand(options),
    env: serverEnv(options.env),
    log: files.log,
    detached: options.detached,
  });
  try {
    const contained = program.kind === 'docker';
    const { pid, version } = await untilReady({ child, source, port, files, logStart, contained });
    await writeMark(files.mark, program.version);
    const running: RunningMysqld = {
      server: { source, host: '127.0.0.1', port, pid, version },
      child,
      expected: false,
    };
    child.once('exit', () => {
      if (!running.expected)
        report({ kind: 'exited', source, log: lastLines(logSince(files.log, logStart)) });
    });
    report({ kind: 'ready', source, port, version, ms: Math.round(performance.now() - started) });
    return running;
  } catch (error) {
    await release(child);
    if (program.kind === 'docker') await removeContainer(program.client, containerName(paths.home, source));
    await endLeftover(files.pidFile, files.data);
    throw error;
  } finally {
    await rm(files.initFile, { force: true });
  }
}

function serverCommand({ program, paths, source, port, mysqldOptions }: StartOptions): string[] {
  const inside = program.kind === 'docker';
  const args = serverArguments(paths.server(source), tlsFiles(paths.tls, source), {
    port,
    asRoot: runsAsRoot(),
    // A container's own loopback is out of reach; its port is published on ours only.
    ...(inside ? { bind: '0.0.0.0' } : {}),
  });
  const user = containerUser();
  return commandLine(program, [...args, ...mysqldOptions], {
    mounts: [paths.home],
    name: containerName(paths.home, source),
    port,
    ...(user ? { user } : {}),
  });
}

/** Ends a server that outlived its record; the data may be open in one process only. */
async function endLeftover(pidFile: string, data: string): Promise<void> {
  const pid = readPid(pidFile);
  if (pid !== null) await endServer(pid, data);
  await rm(pidFile, { force: true });
}
