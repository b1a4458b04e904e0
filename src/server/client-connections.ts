import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../log/log.ts';
import { refuseConnection } from './refuse.ts';

export interface ConnectionLimits {
  /** Connections at most, idle ones included. */
  readonly most?: number;
  /** Milliseconds in which a client must take some of an answer that waits for it. */
  readonly stalledMs?: number;
  /** Bytes that may wait for clients that take none at the moment, altogether. */
  readonly mostUnsent?: number;
  /** Milliseconds between two looks at all connections. */
  readonly everyMs?: number;
}

/** The connections of a server. */
export interface Connections {
  open(): MapIterator<Socket>;
  /** How many there are. */
  count(): number;
  /** Connections so far. */
  taken(): number;
  /** Milliseconds for which a client has taken nothing of the answer that waits for it. */
  stalledMs(socket: Socket): number;
}

/** How far a connection has come, at the last look. */
interface Seen {
  read: number;
  /** Bytes that the stream has passed on, and of these, those that the system has not taken yet. */
  passed: number;
  queued: number;
  /** Looks since the client last took anything. */
  quiet: number;
  /** Looks in which `taken` bytes of what waits were taken, fewer than `least`. */
  stalled: number;
  taken: number;
}

/** Bytes that a client takes in `stalledMs` at least: one that takes a byte now and then holds a whole answer in memory. */
const least = 16 * 1024;

/**
 * Keeps connections from using up the process. A client that takes nothing of its answer for `stalledMs` is cut off, and
 * earlier where what waits is more than `mostUnsent` altogether. Where there are as many connections as may be, a new one takes
 * the place of one that has no request in hand, the longest quiet first; where all have, it is refused.
 *
 * Requests cost nothing: connections are looked at by a timer, which counts looks and not time, so that a busy process does not
 * take its own delay for the client's.
 */
export function watchConnections(
  server: Server,
  log: Log,
  { most = 1000, stalledMs = 20_000, mostUnsent = 64 * 2 ** 20, everyMs = 1000 }: ConnectionLimits = {},
): Connections {
  const seen = new Map<Socket, Seen>();
  const closed = { stalled: 0, replaced: 0, refused: 0 };
  let taken = 0;

  // In their place, not beside them: what is refused must not be read.
  const accept = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection').on('connection', (socket) => {
    taken += 1;
    if (seen.size >= most && !makeRoom()) {
      closed.refused += 1;
      refuseConnection(socket);
      return;
    }
    seen.set(socket, { read: 0, passed: 0, queued: 0, quiet: 0, stalled: 0, taken: 0 });
    socket.once('close', () => seen.delete(socket));
    for (const listener of accept) listener.call(server, socket);
  });

  function makeRoom(): boolean {
    let quietest: Socket | undefined;
    for (const [socket, { quiet }] of seen) {
      if (answerOn(socket) !== undefined) continue;
      if (quietest === undefined || quiet > (seen.get(quietest) as Seen).quiet) quietest = socket;
    }
    if (quietest === undefined) return false;
    closed.replaced += 1;
    seen.delete(quietest);
    quietest.destroy();
    return true;
  }

  function look(): void {
    let unsent = 0;
    const waiting: { readonly socket: Socket; readonly bytes: number }[] = [];
    for (const [socket, last] of seen) {
      note(socket, last);
      if (last.stalled === 0) continue;
      if (last.stalled * everyMs >= stalledMs) cut(socket);
      else {
        const bytes = Math.max(socket.writableLength, last.queued);
        unsent += bytes;
        waiting.push({ socket, bytes });
      }
    }
    waiting.sort((one, other) => other.bytes - one.bytes);
    for (const { socket, bytes } of waiting) {
      if (unsent <= mostUnsent) break;
      cut(socket);
      unsent -= bytes;
    }
    if (closed.stalled + closed.replaced + closed.refused === 0) return;
    log.warn({ ...closed }, 'client connections closed');
    Object.assign(closed, { stalled: 0, replaced: 0, refused: 0 });
  }

  function cut(socket: Socket): void {
    closed.stalled += 1;
    socket.destroy();
  }

  const timer = setInterval(look, everyMs).unref();
  server.once('close', () => clearInterval(timer));
  return {
    open: () => seen.keys(),
    count: () => seen.size,
    taken: () => taken,
    stalledMs: (socket) => (seen.get(socket)?.stalled ?? 0) * everyMs,
  };
}

/** Compares a connection with the last look. */
function note(socket: Socket, last: Seen): void {
  const queued = queuedOf(socket);
  const passed = socket.bytesWritten - socket.writableLength;
  // Bytes on their way count when all of them went; until then the system's queue shrinks.
  last.taken += passed === last.passed ? Math.max(0, last.queued - queued) : passed - last.passed;
  last.quiet = socket.bytesRead === last.read ? last.quiet + 1 : 0;
  const waits = socket.writableLength > 0 || queued > 0;
  if (!waits || last.taken >= least) {
    last.stalled = 0;
    last.taken = 0;
  } else last.stalled += 1;
  Object.assign(last, { read: socket.bytesRead, passed, queued });
}

/** The answer that a connection waits for; Node keeps it here, under a name that it has had since 2010. */
export function answerOn(socket: Socket): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

/** Bytes that libuv has and the system has not taken; Node's own time-out of sockets asks the same. */
function queuedOf(socket: Socket): number {
  return (socket as { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0;
}
