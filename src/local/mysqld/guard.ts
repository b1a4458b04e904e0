import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync } from 'node:fs';

/** How long a server may take to shut down once its parent is gone. */
const GRACE_SECONDS = 20;

/**
 * Runs a server for as long as standard input stays open. The kernel closes the parent's end however the
 * parent dies, so a `kill -9` of the parent still shuts the server down. Everything here is one process
 * group of its own: Ctrl-C in the terminal does not reach it, and one signal ends all of it, even
 * behind a wrapper script. TERM is trapped, not ignored: children would inherit ignoring.
 */
const GUARD = `
PATH=$PATH:/usr/bin:/bin
code=1
trap : TERM
exec 3<&0
"$@" </dev/null 3<&- & server=$!
(
  trap : TERM
  read -r line <&3
  kill -TERM 0
  left=${GRACE_SECONDS}
  while [ "$left" -gt 0 ]; do sleep 1 3<&-; left=$((left - 1)); done
  kill -KILL 0
) & watcher=$!
exec 3<&-
while kill -0 "$server" 2>/dev/null; do wait "$server"; code=$?; done
kill -KILL "$watcher" 2>/dev/null
exit "$code"
`;

export interface Launch {
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  /** The output of the program before it opens its own log. */
  log: string;
  /** True: no guard, the server outlives this process. */
  detached: boolean;
}

/** Starts a server in a process group of its own, guarded unless it is to outlive us. */
export function launch({ argv, env, log, detached }: Launch): ChildProcess {
  const output = openSync(log, 'a', 0o600);
  const [file = '', ...args] = detached ? argv : ['/bin/sh', '-c', GUARD, 'tandem-guard', ...argv];
  const child = spawn(file, args, {
    env,
    detached: true,
    stdio: [detached ? 'ignore' : 'pipe', output, output],
  });
  closeSync(output);
  child.unref();
  // A pipe handle would keep a finished parent waiting.
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  child.stdin?.on('error', () => {});
  child.on('error', (error) => appendFileSync(log, `[ERROR] ${error.message}\n`));
  return child;
}

/** Lets a launched server go and waits for its end: a guard ends by its closed standard input. */
export async function release(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  if (child.stdin) child.stdin.destroy();
  else child.kill();
  await once(child, 'exit');
}
