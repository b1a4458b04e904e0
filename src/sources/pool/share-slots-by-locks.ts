import { setTimeout as delay } from 'node:timers/promises';
import { leaseMs } from './control-link.ts';
import type { ControlSession } from './control-session.ts';
import type { Share, Slot } from './share.ts';
import { type SlotLockSql, slotLockSql } from './slot-lock-sql.ts';
import { freeSlots, membersOf, placesOf, type SlotTable, shareOf, spareOf } from './slot-table.ts';
import { createStraySessions } from './stray-sessions.ts';
import { hasTooManyConnections } from './too-many-connections.ts';

/** Milliseconds between looks at the table, and while something in it changes. */
const steadyMs = 500;
const changingMs = 100;
/** Milliseconds for the owner of a session, whose control session is gone, to come back before others end it: a login and three statements. */
const graceMs = 800;
/** Milliseconds until a process for which there is no place tries again, and up to as many more. */
const crowdedMs = 150;
const fullMs = 1000;

export interface ProcessShareOptions {
  readonly user: string;
  readonly max: number;
  readonly control: Pick<ControlSession, 'ask' | 'leave' | 'open'>;
  /** Whether it is worth a try to connect. */
  readonly mayConnect: () => boolean;
  /** The share is another one now. */
  readonly changed: () => void;
  /** The control session did not come about. */
  readonly failed: (error: Error, startedAt: number) => void;
}

interface NumberedSlot extends Slot {
  readonly number: number;
}

/**
 * The share of one process in the connections of an account, which all processes on all machines divide among themselves by
 * locks in the database: there are `max` slots, each of which allows one session.
 *
 * - A control session holds the locks of its process's slots. It sends a statement twice a second. The server frees the
 *   locks when it ends that session: at once where the process ended, and after `leaseMs` where the process does not
 *   answer.
 * - A session that is opened with a slot holds a lock of its own. A slot is free only when neither of its locks
 *   is held. So the sessions that a lost process still has on the server keep their slots until another process has ended them.
 * - Each process reads the same table, and takes or gives back slots until it has as many as the others. One slot stays free for
 *   the next process to log in.
 */
export function shareSlotsByLocks(options: ProcessShareOptions): Share {
  const { max, control, mayConnect, changed, failed } = options;
  const locks: SlotLockSql = slotLockSql(options.user, max);
  const slots = Array.from(
    { length: max },
    (_, number): NumberedSlot => ({ number, claim: locks.claim(number) }),
  );
  /** In which a session of this process is, or is being opened. */
  const inUse = new Set<number>();
  let held = new Set<number>();
  /** Held, and not in use on the server. */
  let usable: number[] = [];
  let me: number | undefined;
  /** The slot of the control session itself. */
  let own = -1;
  let server: string | undefined;
  let size = 0;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let crowded = false;
  let members = 0;
  let changedAt = Number.NEGATIVE_INFINITY;
  let waiting: PromiseWithResolvers<boolean>[] = [];
  let lastError = new Error('The pool is closed.');
  let running = false;
  let watching: NodeJS.Timeout | undefined;
  const closing = new AbortController();

  const strays = createStraySessions({ control, inUse, hold, graceMs });

  const isMember = () => me !== undefined && performance.now() - answeredAt < leaseMs;

  function resize(next: number): void {
    size = next;
    changed();
  }

  /** Answers those who wait to join. */
  function settle(outcome: { readonly error?: Error } = {}): void {
    const settled = waiting;
    waiting = [];
    for (const { resolve, reject } of settled) outcome.error ? reject(outcome.error) : resolve(true);
  }

  async function look(): Promise<SlotTable> {
    const sentAt = performance.now();
    const [row] = await control.ask<Record<string, number | string | null>>(locks.look);
    const table = locks.read(row ?? {});
    if (table.me === me) answeredAt = sentAt;
    return table;
  }

  async function hold(wanted: readonly number[]): Promise<number[]> {
    if (wanted.length === 0) return [];
    const [row] = await control.ask<Record<string, number | null>>(locks.hold(wanted));
    return wanted.filter((slot) => Number(row?.[`s${slot}`]) === 1);
  }

  /** Gives up what it has, as there is no place for it. */
  async function leave(ms: number): Promise<number> {
    me = undefined;
    crowded = true;
    if (size > 0) resize(0);
    await control.leave();
    return ms * (1 + Math.random());
  }

  /** A new control session holds no locks: that of itself, and those of sessions that were opened before. */
  async function join(table: SlotTable): Promise<number> {
    const former = table.server === server ? me : undefined;
    server = table.server;
    me = undefined;
    const members = membersOf(table);
    if (former !== undefined && members.includes(former)) {
      // The server does not know yet that it is gone.
      await control.ask(`kill connection ${former}`).catch(() => []);
      return changingMs;
    }
    if (members.length >= placesOf(max)) return leave(fullMs);
    const [first] = freeSlots(table);
    if (first === undefined) return leave(crowdedMs);
    const got = await hold([first]);
    if (got.length === 0) return leave(crowdedMs);
    own = first;
    await hold([...inUse].filter((slot) => slot !== first && table.owners[slot] === null));
    me = table.me;
    crowded = false;
    return 0;
  }

  /** Takes or gives back slots until it has as many as it should have; returns whether that is so. */
  async function adjust(table: SlotTable, share: number, rank: number): Promise<boolean> {
    const excess = held.size - share;
    if (excess > 0) {
      const given = usable.filter((slot) => !inUse.has(slot)).slice(0, excess);
      if (given.length > 0) {
        usable = usable.filter((slot) => !given.includes(slot));
        await control.ask(locks.release(given));
      }
      return given.length === excess;
    }
    // They begin at different slots, so that two of them seldom want the same.
    const free = freeSlots(table, Math.floor((rank * max) / Math.max(1, members)));
    const most = Math.min(-excess, free.length - spareOf(max, members));
    if (most > 0) await hold(free.slice(0, most));
    return excess === 0;
  }

  async function turn(): Promise<number> {
    if (!mayConnect() && !control.open) {
      settle({ error: lastError });
      return changingMs;
    }
    const table = await look();
    if (table.me !== me || table.owners[own] !== me) return join(table);
    const all = membersOf(table);
    if (all.length !== members) changedAt = performance.now();
    members = all.length;
    const rank = all.indexOf(table.me);
    const share = shareOf(max, members, rank);
    if (share === 0) return leave(fullMs);
    held = new Set(slots.flatMap(({ number }) => (table.owners[number] === me ? [number] : [])));
    usable = [...held].filter((slot) => slot !== own && (table.sessions[slot] === null || inUse.has(slot)));
    resize(Math.min(share, held.size) - 1);
    settle();
    await strays.end(table);
    const even = await adjust(table, share, rank);
    return even && strays.size === 0 && performance.now() - changedAt > leaseMs ? steadyMs : changingMs;
  }

  async function run(): Promise<void> {
    let brokenAt = Number.NEGATIVE_INFINITY;
    while (!closing.signal.aborted) {
      const startedAt = performance.now();
      const wasOpen = control.open;
      let ms: number;
      try {
        ms = await turn();
      } catch (error) {
        ms = crowdedMs * (1 + Math.random());
        crowded = hasTooManyConnections(error);
        // The others wait for this process to come back, but not for long.
        if (wasOpen && performance.now() - brokenAt > graceMs) {
          ms = 0;
          brokenAt = performance.now();
        }
        if (!crowded && !closing.signal.aborted) {
          lastError = error as Error;
          // A session that broke says nothing about whether there can be another: the next turn opens one.
          if (!wasOpen) {
            failed(lastError, startedAt);
            settle({ error: lastError });
          }
        }
      }
      await delay(ms, undefined, { ref: false, signal: closing.signal }).catch(() => {});
    }
  }

  function start(): void {
    if (running) return;
    running = true;
    void run();
    watching = setInterval(() => {
      if (size > 0 && !isMember()) resize(0);
    }, steadyMs).unref();
  }

  return {
    get size() {
      return size;
    },
    take() {
      start();
      if (!isMember()) return undefined;
      const slot = usable.find((one) => !inUse.has(one));
      if (slot === undefined) return undefined;
      inUse.add(slot);
      return slots[slot];
    },
    give: (slot) => void inUse.delete((slot as NumberedSlot).number),
    holds: (slot) => held.has((slot as NumberedSlot).number),
    get crowded() {
      return crowded;
    },
    async joined(timeoutMs) {
      start();
      if (isMember()) return true;
      const one = Promise.withResolvers<boolean>();
      waiting.push(one);
      const late = setTimeout(() => one.resolve(false), timeoutMs);
      return await one.promise.finally(() => clearTimeout(late));
    },
    get server() {
      return server;
    },
    close() {
      closing.abort();
      clearInterval(watching);
      settle({ error: lastError });
    },
  };
}
