import { AsyncResource } from 'node:async_hooks';
import type { PoolConfig } from '../config/groups/pool.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import { Queue, type QueuePlace } from '../util/queue.ts';
import type { SourceObserver } from './observer.ts';
import { type Caller, isLate, tooLate } from './pool/caller.ts';

/**
 * Divides one source's pool among its users, so that neither an operation, nor an address, nor statements that read whole
 * tables take it from all others. Of the connections, an operation has a quarter at once, statements that read whole
 * tables a half, and an address three quarters (a quarter for such statements), each of them one at least.
 */
export interface FairShare {
  /**
   * Calls back when it is the caller's turn: at once where others leave it a place.
   *
   * @param isScan whether it may read a whole table
   * @param start gets its turn, which it ends; or POOL_TIMEOUT where others hold the places for longer than a caller waits
   * for a connection, OVERLOADED where too many wait, TIMEOUT and CLIENT_CLOSED_REQUEST as the caller's time is over or
   * the caller is gone
   */
  take(caller: Caller, isScan: boolean, start: Start): void;
  /** How many wait. */
  readonly waiting: number;
}

export type Start = (error: TandemError | null, turn?: Turn) => void;

/** So many at once; who comes later goes on in the order of coming. */
class Gate {
  readonly #most: () => number;
  #inside = 0;
  /** Made for the first that waits. */
  #queue: Queue<Turn> | undefined;

  constructor(most: () => number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#inside === 0;
  }

  enter(): boolean {
    if (this.#inside >= this.#most()) return false;
    this.#inside += 1;
    return true;
  }

  wait(turn: Turn): QueuePlace<Turn> {
    this.#queue ??= new Queue();
    return this.#queue.add(turn);
  }

  giveUp(place: QueuePlace<Turn>): void {
    this.#queue?.leave(place);
  }

  /** The place goes to the turn that has waited longest, which is returned. */
  leave(): Turn | undefined {
    // The source may have fewer connections by now.
    const next = this.#inside <= this.#most() ? this.#queue?.shift() : undefined;
    if (next === undefined) this.#inside -= 1;
    return next;
  }
}

/** Milliseconds between looks at who waits too long. */
const sweepMs = 50;

/** Addresses with no request at the moment that are kept: the next request is likely to come from one of them. */
const mostQuiet = 1000;

interface Address {
  readonly name: string;
  readonly all: Gate;
  /** The gates of a statement that an index serves, and of one that may read a whole table. */
  readonly plain: readonly Gate[];
  readonly scanning: readonly Gate[];
}

/** The turn of one statement or transaction. */
export class Turn {
  readonly caller: Caller;
  start: Start;
  readonly operation: Gate;
  readonly address: Address;
  readonly others: readonly Gate[];
  /** Gates that it has passed: that of its operation, then the others. */
  passed = 0;
  /** Where it waits: among all, and before its gate. */
  places: { readonly ofAll: QueuePlace<Turn>; readonly ofGate: QueuePlace<Turn> } | undefined;
  /** When its caller began to wait for others, on the clock of `performance.now()`: the pool's wait goes on from there. */
  since = Number.POSITIVE_INFINITY;
  readonly #leave: (turn: Turn) => void;

  constructor(
    { caller, start, isScan }: { caller: Caller; start: Start; isScan: boolean },
    { operation, address }: { operation: Gate; address: Address },
    leave: (turn: Turn) => void,
  ) {
    this.caller = caller;
    this.start = start;
    this.operation = operation;
    this.address = address;
    this.others = isScan ? address.scanning : address.plain;
    this.#leave = leave;
  }

  /** The gate before which it stands; undefined behind the last one. */
  get gate(): Gate | undefined {
    return this.passed === 0 ? this.operation : this.others[this.passed - 1];
  }

  pass(): void {
    // Other fields of its own operation are no reason to give up.
    if (this.passed === 0) this.since = performance.now();
    this.passed += 1;
  }

  /** Its work is done: its places go to those who wait. */
  end(): void {
    this.#leave(this);
  }
}

export function createFairShare(
  source: SourceName,
  limits: PoolConfig,
  observer?: SourceObserver,
  /** How many connections there are for callers. */
  connections = () => limits.max - 1,
): FairShare {
  const share = (part: number) => () => Math.max(1, Math.ceil(connections() * part));
  const ofOperation = share(1 / 4);
  /** Weak: a Map to which each operation comes keeps many for long that have left it (util/queue.ts). */
  const operations = new WeakMap<Caller, Gate>();
  const addresses = new Map<string, Address>();
  const scans = new Gate(share(1 / 2));
  const waiting = new Queue<Turn>();
  /** Have been given a place, and not gone on yet. */
  const next: Turn[] = [];
  let goingOn = false;
  let sweeping: NodeJS.Timeout | undefined;

  function operationOf(caller: Caller): Gate {
    const known = operations.get(caller);
    if (known !== undefined) return known;
    const gate = new Gate(ofOperation);
    operations.set(caller, gate);
    return gate;
  }

  function addressOf(name: string): Address {
    const known = addresses.get(name);
    if (known !== undefined) return known;
    const all = new Gate(share(3 / 4));
    // A statement that waits for a scan's turn holds none of the places that others need.
    const address = { name, all, plain: [all], scanning: [new Gate(share(1 / 4)), scans, all] };
    addresses.set(name, address);
    return address;
  }

  /** Passes gates as far as they have places, and starts behind the last one. */
  function goOn(turn: Turn): void {
    for (let gate = turn.gate; gate !== undefined; gate = turn.gate) {
      if (!gate.enter()) {
        if (waiting.size < limits.queueMax) wait(turn, gate);
        else refuse(turn, new TandemError('OVERLOADED', { source }));
        return;
      }
      turn.pass();
    }
    turn.start(null, turn);
  }

  function wait(turn: Turn, gate: Gate): void {
    turn.places = { ofAll: waiting.add(turn), ofGate: gate.wait(turn) };
    // Another request gives it its place, and its statement would count as one of that request.
    if (observer?.capture !== undefined) turn.start = AsyncResource.bind(turn.start);
    sweeping ??= setInterval(sweep, sweepMs).unref();
  }

  function refuse(turn: Turn, error: TandemError): void {
    if (turn.places !== undefined) {
      waiting.leave(turn.places.ofAll);
      turn.gate?.giveUp(turn.places.ofGate);
      turn.places = undefined;
    }
    leave(turn);
    turn.start(error);
  }

  function leave(turn: Turn): void {
    const { operation, others, address, passed } = turn;
    turn.passed = 0;
    if (passed > 0) giveTo(operation.leave());
    for (let at = 1; at < passed; at++) giveTo((others[at - 1] as Gate).leave());
    if (addresses.size > mostQuiet && address.all.isEmpty && address.scanning[0]?.isEmpty) {
      addresses.delete(address.name);
    }
    // One after another, however many fail at once: a start may end a turn itself.
    if (goingOn) return;
    goingOn = true;
    try {
      for (let one = next.shift(); one !== undefined; one = next.shift()) goOn(one);
    } finally {
      goingOn = false;
    }
  }

  function giveTo(turn: Turn | undefined): void {
    if (turn === undefined) return;
    if (turn.places !== undefined) waiting.leave(turn.places.ofAll);
    turn.places = undefined;
    turn.pass();
    next.push(turn);
  }

  function sweep(): void {
    const now = performance.now();
    for (const place of waiting.places()) {
      if (!waiting.has(place)) continue;
      const turn = place.item;
      const { caller, since } = turn;
      if (caller.destroyed) refuse(turn, new TandemError('CLIENT_CLOSED_REQUEST', { source }));
      else if (isLate(caller, now)) {
        observer?.timedOut?.(source, 'operation');
        refuse(turn, tooLate(source));
      } else if (now - since >= limits.acquireTimeoutMs) {
        observer?.timedOut?.(source, 'acquire');
        refuse(turn, new TandemError('POOL_TIMEOUT', { source }));
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
    take(caller, isScan, start) {
      const gates = { operation: operationOf(caller), address: addressOf(caller.address ?? '') };
      goOn(new Turn({ caller, start, isScan }, gates, leave));
    },
  };
}
