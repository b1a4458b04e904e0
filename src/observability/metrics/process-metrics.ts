import { performance } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, type Registry } from 'prom-client';
import { droppedLines } from '../../log/output.ts';

/**
 * What the process itself uses: CPU, memory, descriptors, garbage collection, the event loop's delay and how
 * busy it is. For a process' one registry: what watches the event loop is never taken away again.
 */
export function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
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
