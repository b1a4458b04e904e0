import { Gauge, type Registry } from 'prom-client';
import { sourceNames } from '../../source-name.ts';
import type { Sources } from '../../sources/sources.ts';

const states = {
  in_use: 'inUse',
  idle: 'idle',
  connecting: 'connecting',
  closing: 'closing',
  control: 'control',
} as const;

/** Gauges of both pools, read at each scrape. */
export function poolGauges(registry: Registry, sources: Sources): void {
  const registers = [registry];
  new Gauge({
    name: 'tandem_pool_connections',
    help: 'Connections by what they do: in_use, idle, connecting, closing, control. Their sum is never above the limit.',
    labelNames: ['source', 'state'],
    registers,
    collect() {
      for (const source of sourceNames) {
        const stats = sources[source].stats();
        for (const [state, name] of Object.entries(states)) this.set({ source, state }, stats[name]);
      }
    },
  });
  new Gauge({
    name: 'tandem_pool_connections_max',
    help: 'Connections at most: the limit of the pool.',
    labelNames: ['source'],
    registers,
    collect() {
      for (const source of sourceNames) this.set({ source }, sources[source].stats().max);
    },
  });
  new Gauge({
    name: 'tandem_pool_waiting',
    help: 'Callers that wait for a connection.',
    labelNames: ['source'],
    registers,
    collect() {
      for (const source of sourceNames) this.set({ source }, sources[source].stats().waiting);
    },
  });
}
