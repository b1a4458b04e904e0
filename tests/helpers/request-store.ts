import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { choosePort } from '../../src/local/ports.ts';

/** Debian's redis-tools have the server, too: it is one program, which goes by its name. */
const program = [
  '/usr/bin/valkey-server',
  '/usr/bin/redis-server',
  '/usr/bin/valkey-check-rdb',
  '/usr/bin/redis-check-rdb',
].find((path) => existsSync(path));

export const hasRequestStore = program !== undefined;

/** A Valkey or Redis of a test's own, on loopback, with a password, which keeps nothing on disk. */
export interface StoreServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Sends it a signal, such as SIGSTOP, and waits until it answers no more. */
  signal(name: 'SIGSTOP' | 'SIGKILL' | 'SIGCONT'): Promise<void>;
  start(): Promise<void>;
}

export async function startRequestStore(): Promise<StoreServer> {
  const port = await choosePort([], new Set());
  let child: ChildProcess | undefined;
  const server: StoreServer = {
    port,
    url: `redis://:secret@127.0.0.1:${port}`,
    async signal(name) {
      child?.kill(name);
      while (name !== 'SIGCONT' && isRunning(child)) await delay(5);
    },
    async start() {
      const options = { port, bind: '127.0.0.1', requirepass: 'secret', save: '', appendonly: 'no' };
      child = spawn(
        program as string,
        Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
        { argv0: 'redis-server', stdio: 'ignore' },
      );
      while (!(await answers(port))) await delay(20);
    },
    async [Symbol.asyncDispose]() {
      if (child === undefined || child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
  await server.start();
  return server;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the third field is T where it is stopped. */
function isRunning(child: ChildProcess | undefined): boolean {
  if (child?.exitCode !== null || child.signalCode !== null) return false;
  return !/^\d+ \(.*\) [TZ]/.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8'));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
