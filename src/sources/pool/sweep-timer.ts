/** Milliseconds between looks at deadlines: one timer a pool, and none a statement. */
const sweepMs = 50;
/** The same while no connection is in use or on its way, so that no deadline can pass: a process that rests is not woken for nothing. */
const restingMs = 500;

/** When a pool looks at its deadlines. The timer keeps no process alive, unless a caller waits. */
export interface SweepTimer {
  /** A deadline may pass. */
  start(): void;
  /** None can pass. */
  rest(): void;
  /** There is nothing to look at. */
  stop(): void;
  /** A caller waits, or none does any more. */
  keepAlive(waits: boolean): void;
}

export function createSweepTimer(sweep: () => void): SweepTimer {
  let timer: NodeJS.Timeout | undefined;
  let everyMs = 0;
  const every = (ms: number) => {
    if (timer !== undefined && everyMs === ms) return;
    clearInterval(timer);
    everyMs = ms;
    timer = setInterval(sweep, ms).unref();
  };
  return {
    start: () => every(sweepMs),
    rest: () => every(restingMs),
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
    keepAlive(waits) {
      if (waits) timer?.ref();
      else timer?.unref();
    },
  };
}
