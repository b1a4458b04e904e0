import process from 'node:process';
import type { Place, ReportName, SupervisorAnswers, WorkerAnswers } from './protocol.ts';
import { openLine } from './rpc.ts';

/** Why a worker ends: the whole server stops, or the supervisor replaces this one. */
export type Leave = 'stop' | 'recycle';

/** All processes of the server, seen from one of them. */
export interface Group {
  /** The reports of all processes, this one included. */
  reports(what: ReportName): Promise<readonly unknown[]>;
  /** Sets how this process reports. */
  answer(report: (what: ReportName) => unknown): void;
}

/** A worker's membership in the group. */
export interface Membership extends Group {
  /** Waits for its place. */
  join(): Promise<Place>;
  listening(url: string): Promise<void>;
  failed(why: string): Promise<void>;
  /** Resolves when it is to end. */
  readonly leave: Promise<Leave>;
}

/** The worker's side of the group: its questions to the supervisor, and its answers. */
export function member(): Membership {
  const leave = Promise.withResolvers<Leave>();
  let tell: ((what: ReportName) => unknown) | undefined;
  const answers: WorkerAnswers = {
    stop: () => leave.resolve('stop'),
    report(what) {
      if (tell === undefined) throw new Error('not ready');
      return tell(what);
    },
  };
  const line = openLine<SupervisorAnswers, WorkerAnswers>(process, answers);
  process.on('SIGTERM', () => leave.resolve('recycle'));
  // Ctrl-C reaches all processes of the terminal; the supervisor decides what it means.
  process.on('SIGINT', () => {});
  return {
    join: () => line.ask('place', undefined),
    listening: (url) => line.ask('listening', url),
    failed: (why) => line.ask('failed', why, { timeoutMs: 1000 }),
    reports: (what) => line.ask('reports', what),
    answer(report) {
      tell = report;
    },
    leave: leave.promise,
  };
}
