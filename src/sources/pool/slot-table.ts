/** The slots of an account as one statement sees them. Slots count from 0. */
export interface SlotTable {
  /** The id of the session that looks. */
  readonly me: number;
  /** The server_uuid. */
  readonly server: string;
  /** For each slot, the control session that holds it. */
  readonly owners: readonly (number | null)[];
  /** For each slot, the session that was opened with it and still exists. */
  readonly sessions: readonly (number | null)[];
}

/** Connections that a process needs: one for work, and its control session. */
const leastPerProcess = 2;

/** The control sessions that hold slots, in the order in which they logged in. */
export function membersOf({ owners }: Pick<SlotTable, 'owners'>): number[] {
  return [...new Set(owners.filter((owner) => owner !== null))].sort((one, other) => one - other);
}

/** How many processes can share so many connections. */
export function placesOf(max: number): number {
  return Math.max(1, Math.floor(max / leastPerProcess));
}

/**
 * How many slots stay free: one, with which the next process logs in, as long as there is a place for it.
 */
export function spareOf(max: number, members: number): number {
  return members < placesOf(max) ? 1 : 0;
}

/**
 * The slots of one process, its control session's included: all have equally many, and those that came first one more
 * where it does not come out even.
 *
 * @param rank its place among the members, from 0 on; 0 slots for those who came too late
 */
export function shareOf(max: number, members: number, rank: number): number {
  if (rank >= placesOf(max)) return 0;
  const sharers = Math.min(members, placesOf(max));
  const whole = max - spareOf(max, members);
  return Math.floor(whole / sharers) + (rank < whole % sharers ? 1 : 0);
}

/** Slots that neither a process holds nor a session uses, the ones after `from` first. */
export function freeSlots({ owners, sessions }: SlotTable, from = 0): number[] {
  const free = owners.flatMap((owner, slot) => (owner === null && sessions[slot] === null ? [slot] : []));
  return [...free.filter((slot) => slot >= from), ...free.filter((slot) => slot < from)];
}
