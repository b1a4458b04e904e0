import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { startTandem } from './run-command-line.ts';

/** `tandem serve` as a process of its own that listens. */
export interface Serving extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Lines of its log so far, of all its processes. */
  readonly lines: readonly Record<string, unknown>[];
  /** What it wrote beside its log. */
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it, and the milliseconds from this call on. */
  ended(): Promise<{ how: number | NodeJS.Signals; ms: number }>;
  /** Resolves with the next line of which this holds, those that came already included. */
  line(wanted: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
}

/** @param under a command that becomes it, such as `ip netns exec` */
export async function startServing(
  settings: Record<string, string>,
  under: readonly string[] = [],
): Promise<Serving> {
  const child = startTandem(['serve'], { PORT: '0', ...settings }, under);
  const lines: Record<string, unknown>[] = [];
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
  // Not its exit: what it wrote last may come after that.
  const exit = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let over = false;
  void exit.then(() => {
    over = true;
  });

  const line: Serving['line'] = async (wanted) => {
    for (;;) {
      const found = lines.find(wanted);
      if (found !== undefined) return found;
      if (over) throw new Error(`It ended with ${child.exitCode ?? child.signalCode}. ${stderr}`);
      await delay(10);
    }
  };
  const { url } = await line((entry) => typeof entry.url === 'string');
  return {
    url: new URL(url as string).origin,
    pid: child.pid as number,
    lines,
    line,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    async ended() {
      const started = performance.now();
      const [code, signal] = await exit;
      return { how: (code ?? signal) as number | NodeJS.Signals, ms: performance.now() - started };
    },
    async [Symbol.asyncDispose]() {
      if (over) return;
      child.kill('SIGTERM');
      // A test that failed may have left it unable to stop.
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exit;
      clearTimeout(timer);
    },
  };
}
