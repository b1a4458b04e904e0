import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Waiting = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/**
 * A look-up that asks once for all who wait for the same name. The system's resolver takes one of libuv's four
 * threads for as long as it does not answer (https://nodejs.org/api/dns.html#dnslookup): twenty connections to a cloud
 * whose name server hangs would otherwise take all of them, and the other cloud's look-ups would wait.
 */
export function sharedLookup(): LookupFunction {
  let waiting: Waiting[] = [];
  return (hostname, options, callback) => {
    waiting.push((error, addresses) => {
      const [first] = addresses;
      if (error !== null) callback(error, '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family ?? 0);
    });
    if (waiting.length > 1) return;
    lookup(hostname, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
      const answered = waiting;
      waiting = [];
      for (const tell of answered) tell(error, addresses ?? []);
    });
  };
}
