import type { Account } from '../../config/groups/database.ts';
import { runCommand, timedOut } from '../../util/run-command.ts';
import { within } from '../../util/within.ts';

/** Where the password of an account comes from, for one login after another. */
export interface Passwords {
  /**
   * The password to log in with now. `kept`: from before, so that another may have taken its place since.
   *
   * @param leftMs milliseconds that the caller has left for connecting
   * @throws CommandError
   */
  get(leftMs: number): Promise<{ readonly password: string; readonly kept: boolean }>;
  /** Forgets a password that the server refused. */
  forget(password: string): void;
  /** Ends the command if it runs. */
  close(): void;
}

/** Of the time for connecting, what a command may take: with less than the rest no login comes about. */
const part = 0.9;

/**
 * The password of an account: a fixed one, or what its command prints. The command runs once for all who wait, and what
 * it printed is kept for as long as its setting says.
 *
 * @param timeoutMs milliseconds for connecting, of which the command is to leave some
 */
export function passwordsOf({ password }: Account, timeoutMs: number): Passwords {
  if (typeof password === 'string') {
    return { get: async () => ({ password, kept: false }), forget: () => {}, close: () => {} };
  }
  const { argv, cacheMs } = password;
  const closing = new AbortController();
  let kept: { readonly password: string; readonly until: number } | undefined;
  let running: Promise<string> | undefined;

  async function run(): Promise<string> {
    try {
      const printed = await runCommand(argv, { timeoutMs: part * timeoutMs, signal: closing.signal });
      kept = { password: printed, until: performance.now() + cacheMs };
      return printed;
    } finally {
      running = undefined;
    }
  }

  return {
    async get(leftMs) {
      if (kept !== undefined && performance.now() < kept.until)
        return { password: kept.password, kept: true };
      running ??= run();
      return { password: await orLate(running, part * leftMs), kept: false };
    },
    forget(refused) {
      if (kept?.password === refused) kept = undefined;
    },
    close: () => closing.abort(),
  };
}

async function orLate(running: Promise<string>, waitMs: number): Promise<string> {
  const password = await within(waitMs, running, null);
  if (password === null) throw timedOut(waitMs);
  return password;
}
