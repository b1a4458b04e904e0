/** The right to have one session on the server. */
export interface Slot {
  /** The lock that its session takes, so that other processes see whether the server still has it; absent: none. */
  readonly claim?: string;
}

/** How many connections a pool may have, its control session left out. */
export interface Share {
  readonly size: number;
  /** Undefined where all are in use, or where others have not given theirs back yet. */
  take(): Slot | undefined;
  /** The server has no session of it any more. */
  give(slot: Slot): void;
  /** Whether it is still this process's. */
  holds(slot: Slot): boolean;
  /** The server answers, and other processes have all connections. */
  readonly crowded: boolean;
  /** Milliseconds of patience → whether the control session may be used. @throws the error of the attempt to connect */
  joined(timeoutMs: number): Promise<boolean>;
  /** The server_uuid of the server on which the share is; undefined where it is none in particular. */
  readonly server: string | undefined;
  close(): void;
}

/** A share that is one process's own: a number of connections. */
export function fixedShare(size: number): Share {
  let taken = 0;
  const slot: Slot = {};
  return {
    size,
    take() {
      if (taken >= size) return undefined;
      taken += 1;
      return slot;
    },
    give() {
      taken -= 1;
    },
    holds: () => true,
    crowded: false,
    joined: async () => true,
    server: undefined,
    close() {},
  };
}
