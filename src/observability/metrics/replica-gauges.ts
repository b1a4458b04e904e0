import { Counter, Gauge, type Registry } from 'prom-client';
import { sourceNames } from '../../source-name.ts';
import type { ReplicaStats } from '../../sources/observer.ts';
import type { Sources } from '../../sources/sources.ts';

const labelNames = ['source', 'replica'] as const;

/** Gauges of the replicas of both sources, read at each scrape. */
export function replicaGauges(registry: Registry, sources: Sources): void {
  const registers = [registry];
  const each = (tell: (labels: Record<'source' | 'replica', string>, stats: ReplicaStats) => void) => {
    for (const source of sourceNames) {
      for (const stats of sources[source].replicas()) tell({ source, replica: stats.name }, stats);
    }
  };
  const counted = new Map<string, number>();
  new Counter({
    name: 'tandem_replica_reads_total',
    help: 'Statements that a replica has answered.',
    labelNames,
    registers,
    collect() {
      each((labels, { reads, name }) => {
        const key = `${labels.source} ${name}`;
        this.inc(labels, reads - (counted.get(key) ?? 0));
        counted.set(key, reads);
      });
    },
  });
  new Gauge({
    name: 'tandem_replica_used',
    help: 'Whether queries go to the replica: 1 or 0; of several processes, how many use it.',
    labelNames,
    registers,
    collect() {
      each((labels, { state }) => this.set(labels, state === 'USED' ? 1 : 0));
    },
  });
  new Gauge({
    name: 'tandem_replica_lag_seconds',
    help: 'By how much the replica was behind its primary at most when it was last looked at; absent where that is not known.',
    labelNames,
    registers,
    aggregator: 'max',
    collect() {
      each((labels, { lagMs }) => {
        if (lagMs === undefined) this.remove(labels);
        else this.set(labels, lagMs / 1000);
      });
    },
  });
  new Gauge({
    name: 'tandem_replica_connections',
    help: 'Connections to the replica, of all states; POOL_MAX at most.',
    labelNames,
    registers,
    collect() {
      each((labels, { pool }) => {
        const { inUse, idle, connecting, closing, control } = pool;
        this.set(labels, inUse + idle + connecting + closing + control);
      });
    },
  });
}
