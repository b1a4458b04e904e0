import process from 'node:process';
import { openLine } from './line.ts';
import type { Place, SupervisorAnswers, WorkerAnswers } from './questions.ts';

/** How a worker is told to leave: the whole server stops, or it alone is to be replaced. */
export type Leave = 'stop' | 'recycle';

/** A worker's membership in the group. */
export interface Membership {
  /** Waits for its place. */
  join(): Promise<Place>;
  listening(url: string): Promise<void>;
  failed(why: string): Promise<void>;
  /** Resolves when it is to end. */
  readonly leave: Promise<Leave>;
}

/** The worker's side of the group: what it asks the supervisor, and what it is told. */
export function member(): Membership {
  const leave = Promise.withResolvers<Leave>();
  const answers: WorkerAnswers = { stop: () => leave.resolve('stop') };
  const line = openLine<SupervisorAnswers, WorkerAnswers>(process, answers);
  process.on('SIGTERM', () => leave.resolve('recycle'));
  // Ctrl-C reaches all processes of the terminal; the supervisor decides what it means.
  process.on('SIGINT', () => {});
  return {
    join: () => line.ask('place', undefined),
    listening: (url) => line.ask('listening', url),
    failed: (why) => line.ask('failed', why, { timeoutMs: 1000 }),
    leave: leave.promise,
  };
}
