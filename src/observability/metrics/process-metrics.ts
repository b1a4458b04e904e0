import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { droppedLines } from '../../log/output.ts';

/** Turns of the event loop, and the milliseconds of each, in which its delay is sampled before it is reported for the first time. */
const firstTurns = 4;
const turnMs = 12;

/**
 * A registry of a process that is measured itself: CPU, memory, descriptors, garbage collection, the event loop's delay and how
 * busy it is. A process has one: what watches the event loop is never taken away again. It wakes the process a hundred times a
 * second, which is most of what a server does that no caller asks, so it begins when the metrics are first asked for.
 */
export class ProcessRegistry extends Registry {
  #begun: Promise<void> | undefined;

  constructor() {
    super();
    addOwnMetrics(this);
  }

  #begin(): Promise<void> {
    this.#begun ??= (async () => {
      collectDefaultMetrics({ register: this });
      for (let turn = 0; turn < firstTurns; turn += 1) await delay(turnMs);
    })();
    return this.#begun;
  }

  override async metrics(): Promise<string> {
    await this.#begin();
    return super.metrics();
  }

  override async getMetricsAsJSON(): ReturnType<Registry['getMetricsAsJSON']> {
    await this.#begin();
    return super.getMetricsAsJSON();
  }
}

function addOwnMetrics(registry: Registry): void {
  let counted = 0;
  new Counter({
    name: 'tandem_log_lines_dropped_total',
    help: 'Lines of the log that were left out, because stdout took none in time.',
    registers: [registry],
    collect() {
      const now = droppedLines();
      this.inc(now - counted);
      counted = now;
    },
  });
  let before = performance.eventLoopUtilization();
  new Counter({
    name: 'tandem_event_loop_seconds_total',
    help: 'Time that the event loop was active or idle; active by both together is how busy the process is.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization();
      this.inc({ state: 'active' }, Math.max(0, now.active - before.active) / 1000);
      this.inc({ state: 'idle' }, Math.max(0, now.idle - before.idle) / 1000);
      before = now;
    },
  });
}
