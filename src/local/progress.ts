import type { ProgressEvent } from './types.ts';

/** One line for people about what is going on. */
export function describeProgress(event: ProgressEvent): string {
  switch (event.kind) {
    case 'skipped':
      return `${event.origin}: ${event.why}`;
    case 'origin':
      return `using ${event.what} (${event.origin})`;
    case 'waiting':
      return `waiting for process ${event.pid}, which is at work here`;
    case 'fetch':
      return `fetching ${event.what}${event.total > 0 ? `: ${megabytes(event.done)} of ${megabytes(event.total)} MB` : ''}`;
    case 'unpack':
      return `unpacking ${event.what}: ${event.done} of ${event.total}`;
    case 'initialize':
      return `making ${event.what}, once`;
    case 'port':
      return `${event.source}: port ${event.wanted} is taken, using ${event.used}`;
    case 'start':
      return `${event.source}: starting on 127.0.0.1:${event.port}`;
    case 'ready':
      return `${event.source}: ${event.version} ready on 127.0.0.1:${event.port} after ${(event.ms / 1000).toFixed(1)} s`;
    case 'exited':
      return `${event.source}: the server ended by itself; its last words:\n${event.log}`;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
