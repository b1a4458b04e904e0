import type { Program } from '../types.ts';

/** The needs of a container besides the arguments; a native program ignores it. */
export interface Container {
  /** Directories seen under the same path inside. */
  mounts: readonly string[];
  name?: string;
  port?: number;
  user?: string;
}

/** The whole command line that runs a server program with these arguments. */
export function commandLine(program: Program, args: readonly string[], container: Container): string[] {
  if (program.kind === 'native') {
    const basedir = program.basedir ? [`--basedir=${program.basedir}`] : [];
    return [...program.command, '--no-defaults', ...basedir, ...args];
  }
  return [
    program.client,
    'run',
    '--rm',
    ...(container.name ? ['--name', container.name] : []),
    ...(container.port ? ['--publish', `127.0.0.1:${container.port}:${container.port}`] : []),
    ...(container.user ? ['--user', container.user] : []),
    ...container.mounts.flatMap((path) => ['--mount', `type=bind,source=${path},target=${path}`]),
    '--entrypoint',
    'mysqld',
    program.image,
    '--no-defaults',
    ...args,
  ];
}

/** Only what a server or the Docker client needs: no settings, no secrets. */
export function serverEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => /^(PATH|HOME|DOCKER_.*|XDG_RUNTIME_DIR)$/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

/** `--user` of a container, so that files in a mounted home stay the caller's. */
export function containerUser(): string | undefined {
  const uid = process.getuid?.();
  return uid === undefined ? undefined : `${uid}:${process.getgid?.() ?? 0}`;
}

/** A server refuses to run as root without --user=root; so does one in a container started as our user. */
export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}
