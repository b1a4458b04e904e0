/** Milliseconds between looks at where the name leads: a failover is noticed that soon. */
const everyMs = 5000;
/** Milliseconds between looks while changes are refused since the server is read-only. */
const hurriedMs = 500;
/** Milliseconds in which a server is expected back under its name only where the name has several servers. */
const returnMs = 60_000;
/** Milliseconds for which such a name is not followed. */
const severalMs = 600_000;

interface FailoverDetectorOptions {
  /** The server to which the name leads now. */
  readonly find: () => Promise<string | undefined>;
  /** Gives up connections to other servers, all or only those that refused a change; answers how many. */
  readonly leave: (server: string, all: boolean) => number;
}

/**
 * Follows a host's name from server to server. After a failover by DNS, or behind an address that leads elsewhere, the
 * connections to the old server still work: they would answer old rows, and refuse changes, until they are old enough to be replaced.
 *
 * Where a name leads back and forth, as to several servers in turn, connections to any of them are right: then only those that refuse
 * changes are given up.
 */
export interface FailoverDetector {
  /** Looks, if it is time to. */
  look(now: number): void;
  /** Has it look soon. */
  hurry(now: number): void;
}

export function createFailoverDetector({ find, leave }: FailoverDetectorOptions): FailoverDetector {
  let current: string | undefined;
  const leftAt = new Map<string, number>();
  let severalUntil = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let lookAt: number | undefined;
  let looking = false;

  function found(server: string, now: number): void {
    if (current !== undefined && server !== current) {
      if (now - (leftAt.get(server) ?? Number.NEGATIVE_INFINITY) < returnMs) severalUntil = now + severalMs;
      leftAt.set(current, now);
    }
    current = server;
    leave(server, now >= severalUntil);
  }

  return {
    look(now) {
      lookAt ??= now + everyMs;
      if (looking || now < lookAt) return;
      looking = true;
      lookedAt = now;
      lookAt = now + everyMs;
      find()
        .then((server) => {
          if (server !== undefined) found(server, now);
        })
        // Whether the server is there is for others to find out.
        .catch(() => {})
        .finally(() => {
          looking = false;
        });
    },
    hurry(now) {
      lookAt = Math.min(lookAt ?? now, Math.max(now, lookedAt + hurriedMs));
    },
  };
}
