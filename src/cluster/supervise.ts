import cluster, { type Worker } from 'node:cluster';
import { RateLimiterClusterMaster } from 'rate-limiter-flexible';
import { explanationLines } from '../errors/explanation.ts';
import type { Log } from '../log/log.ts';
import { ClusterError } from './errors.ts';
import { closeOnEnd } from './orphaned-sockets.ts';
import type { SupervisorAnswers, WorkerAnswers } from './protocol.ts';
import { afterEnd, noRestarts } from './restarts.ts';
import { type Line, openLine } from './rpc.ts';

/** Worker processes of one server, kept at their number. */
export interface Supervisor {
  /**
   * Where they answer, once all do.
   * @throws ClusterError when they cannot start
   */
  readonly started: Promise<string>;
  /** Rejects with a ClusterError when the supervisor can replace workers no more. The others still run. */
  readonly failed: Promise<never>;
  /** Numbers of the workers that run. */
  running(): readonly number[];
  /**
   * Stops all of them: each answers what it has in flight.
   * @returns their highest exit code
   */
  stop(): Promise<number>;
  /** Ends all of them at once. */
  kill(): void;
}

/** One worker's place, which its successors take. */
interface Seat {
  readonly number: number;
  at?: Occupied;
}

interface Occupied {
  readonly worker: Worker;
  readonly line: Line<WorkerAnswers>;
  readonly since: number;
  url?: string;
  /** Why it could not start, in its own words. */
  failure?: string;
}

/** Milliseconds in which a worker reports, or the supervisor leaves it out. */
const reportMs = 500;

/** Starts workers, which run the same command, and replaces those that end. */
export function supervise(processes: number, log: Log): Supervisor {
  // It counts for all workers what limits of requests count (access/request-counters.ts).
  new RateLimiterClusterMaster();
  const seats = Array.from({ length: processes }, (_, index): Seat => ({ number: index + 1 }));
  const started = Promise.withResolvers<string>();
  const failed = Promise.withResolvers<never>();
  for (const { promise } of [started, failed]) promise.catch(() => {}); // the promises themselves reject
  let restarts = noRestarts;
  let stopping: PromiseWithResolvers<number> | undefined;
  let exitCode = 0;

  const occupied = () => seats.flatMap(({ at }) => at ?? []);

  function fork(seat: Seat): void {
    if (stopping !== undefined) return;
    const worker = cluster.fork();
    closeOnEnd(worker);
    const answers: SupervisorAnswers = {
      place: () => ({ worker: seat.number }),
      listening(url) {
        at.url = url;
        log.info({ worker: seat.number, pid: worker.process.pid }, 'worker listens');
        if (occupied().filter((one) => one.url !== undefined).length === seats.length) started.resolve(url);
      },
      failed(why) {
        at.failure = why;
      },
      async reports(what) {
        const asked = occupied().map(({ line }) => line.ask('report', what, { timeoutMs: reportMs }));
        const reports = await Promise.allSettled(asked);
        return reports.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      },
    };
    const at: Occupied = { worker, line: openLine(worker, answers), since: performance.now() };
    seat.at = at;
    let over = false;
    const end = (code: number | null, signal: string | null) => {
      if (over) return;
      over = true;
      delete seat.at;
      at.line.close();
      ended(seat, at, code, signal);
    };
    worker.once('exit', end);
    // It did not even start, as where there is no memory for it.
    worker.on('error', () => {
      if (worker.process.pid === undefined) end(null, null);
    });
  }

  function ended(seat: Seat, at: Occupied, code: number | null, signal: string | null): void {
    const about = { worker: seat.number, pid: at.worker.process.pid, code, signal };
    if (stopping !== undefined) {
      exitCode = Math.max(exitCode, code ?? 1);
      if (code !== 0 && at.failure === undefined) log.error(about, 'worker did not stop as it should');
      if (occupied().length === 0) stopping.resolve(exitCode);
      return;
    }
    const last = { listened: at.url !== undefined, livedMs: performance.now() - at.since };
    const { restarts: after, next } = afterEnd(restarts, last);
    restarts = after;
    // Not one has listened yet, and this one knows why: the others have the same reason.
    const hopeless = at.failure !== undefined && occupied().every(({ url }) => url === undefined);
    if (next === 'give up' || hopeless) {
      const error = new ClusterError(at.failure ?? notStarting(restarts.failedStarts, code, signal));
      started.reject(error);
      failed.reject(error);
      return;
    }
    log.warn({ ...about, ...next, ...(at.failure && { failure: at.failure }) }, 'worker ended');
    setTimeout(fork, next.replaceAfterMs, seat);
  }

  for (const seat of seats) fork(seat);

  return {
    started: started.promise,
    failed: failed.promise,
    running: () => seats.filter(({ at }) => at !== undefined).map(({ number }) => number),
    async stop() {
      stopping ??= Promise.withResolvers<number>();
      if (occupied().length === 0) return exitCode;
      for (const { line } of occupied()) line.ask('stop', undefined).catch(() => {});
      return stopping.promise;
    },
    kill() {
      for (const { worker } of occupied()) worker.process.kill('SIGKILL');
    },
  };
}

function notStarting(times: number, code: number | null, signal: string | null): string {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  return explanationLines({
    cause: `Worker processes do not start: ${times} in a row ended before they listened, the last one ${how}.`,
    remedy:
      'look at what they wrote above; run with WEB_CONCURRENCY=1 to see one start alone; where the signal is SIGKILL, give the machine or the container more memory.',
  }).join('\n');
}
