import type { PoolConfig } from '../config/groups/pool.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import type { SourceObserver } from './observer.ts';
import { type Caller, isLate, tooLate } from './pool/caller.ts';

/**
 * Who may use how much of one source's pool, so that neither an operation, nor an address, nor statements that read whole
 * tables take it from all others. Of the connections, an operation has a quarter at once, statements that read whole
 * tables a half, and an address three quarters (a quarter for such statements), each of them one at least.
 */
export interface Turns {
  /**
   * Does some work when it is its turn.
   *
   * @param isScan whether it may read a whole table
   * @param work gets since when its caller waits, on the clock of `performance.now()`: the pool's wait goes on from there
   * @throws TandemError POOL_TIMEOUT where others hold the places for longer than a caller waits for a connection,
   * OVERLOADED where too many wait, TIMEOUT and CLIENT_CLOSED_REQUEST as the caller's time is over or the caller is gone
   */
  take<T>(caller: Caller, isScan: boolean, work: (since: number) => Promise<T>): Promise<T>;
  /** How many wait. */
  readonly waiting: number;
}

interface Waiter {
  readonly caller: Caller;
  /** On the clock of `performance.now()`. */
  readonly until: number;
  over: boolean;
  go(): void;
  fail(error: TandemError): void;
}

/** So many at once; who comes later goes on in the order of coming. */
class Gate {
  readonly #most: number;
  #inside = 0;
  #queue: Waiter[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#inside === 0;
  }

  enter(): boolean {
    if (this.#inside >= this.#most) return false;
    this.#inside += 1;
    return true;
  }

  wait(waiter: Waiter): void {
    this.#queue = this.#queue.filter(({ over }) => !over);
    this.#queue.push(waiter);
  }

  /** The place goes to who has waited longest. */
  leave(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (next.over) continue;
      next.go();
      return;
    }
    this.#inside -= 1;
  }
}

/** Milliseconds between looks at who waits too long. */
const sweepMs = 50;

interface Address {
  readonly all: Gate;
  readonly scans: Gate;
}

export function createTurns(source: SourceName, limits: PoolConfig, observer?: SourceObserver): Turns {
  // One connection is the pool's own.
  const share = (part: number) => Math.max(1, Math.ceil((limits.max - 1) * part));
  const operations = new WeakMap<Caller, Gate>();
  const addresses = new Map<string, Address>();
  const scans = new Gate(share(1 / 2));
  const waiting = new Set<Waiter>();
  let sweeping: NodeJS.Timeout | undefined;

  function operationOf(caller: Caller): Gate {
    const known = operations.get(caller);
    if (known !== undefined) return known;
    const gate = new Gate(share(1 / 4));
    operations.set(caller, gate);
    return gate;
  }

  function addressOf(name: string): Address {
    const known = addresses.get(name);
    if (known !== undefined) return known;
    const address = { all: new Gate(share(3 / 4)), scans: new Gate(share(1 / 4)) };
    addresses.set(name, address);
    return address;
  }

  function wait(gate: Gate, caller: Caller, until: number): Promise<void> {
    if (waiting.size >= limits.queueMax) throw new TandemError('OVERLOADED', { source });
    return new Promise((resolve, reject) => {
      const end = () => {
        waiter.over = true;
        waiting.delete(waiter);
      };
      const waiter: Waiter = {
        caller,
        until,
        over: false,
        go() {
          end();
          resolve();
        },
        fail(error) {
          end();
          reject(error);
        },
      };
      waiting.add(waiter);
      gate.wait(waiter);
      sweeping ??= setInterval(sweep, sweepMs).unref();
    });
  }

  function sweep(): void {
    const now = performance.now();
    for (const waiter of [...waiting]) {
      const { caller, until } = waiter;
      if (caller.destroyed) waiter.fail(new TandemError('CLIENT_CLOSED_REQUEST', { source }));
      else if (isLate(caller, now)) {
        observer?.timedOut?.(source, 'operation');
        waiter.fail(tooLate(source));
      } else if (now >= until) {
        observer?.timedOut?.(source, 'acquire');
        waiter.fail(new TandemError('POOL_TIMEOUT', { source }));
      }
    }
    if (waiting.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  return {
    get waiting() {
      return waiting.size;
    },
    async take(caller, isScan, work) {
      const name = caller.address ?? '';
      const address = addressOf(name);
      // Its other fields are no reason to give up. Who waits for a scan's turn holds none of those that cheap reads need.
      const operation = operationOf(caller);
      const others = isScan ? [address.scans, scans, address.all] : [address.all];
      const inside: Gate[] = [];
      try {
        if (!operation.enter()) await wait(operation, caller, Number.POSITIVE_INFINITY);
        inside.push(operation);
        const since = performance.now();
        for (const gate of others) {
          if (!gate.enter()) await wait(gate, caller, since + limits.acquireTimeoutMs);
          inside.push(gate);
        }
        return await work(since);
      } finally {
        for (const gate of inside) gate.leave();
        if (address.all.isEmpty && address.scans.isEmpty && addresses.get(name) === address) {
          addresses.delete(name);
        }
      }
    },
  };
}
