import type { ProgressEvent } from '../local/types.ts';
import { progressLine, sayAbout, seconds, style } from './terminal.ts';

/** Shows what bringing up the local databases is doing. */
export function reportLocal(): (event: ProgressEvent) => void {
  let transfer: { what: string; line: ReturnType<typeof progressLine> } | null = null;
  return (event) => {
    if (event.kind === 'fetch' || event.kind === 'unpack') {
      transfer =
        transfer?.what === event.what ? transfer : { what: event.what, line: progressLine(event.kind) };
      const text = `${event.what}: ${event.done} of ${event.total}`;
      if (event.done < event.total) transfer.line.update(text);
      else transfer.line.done(text);
      return;
    }
    const line = describe(event);
    if (line !== null) sayAbout(...line);
  };
}

function describe(event: Exclude<ProgressEvent, { kind: 'fetch' | 'unpack' }>): [string, string] | null {
  switch (event.kind) {
    case 'origin':
      return ['databases', event.what];
    case 'initialize':
      return ['databases', event.what];
    case 'port':
      return [event.source.toLowerCase(), `port ${event.wanted} is taken, using ${event.used}`];
    case 'ready':
      return [
        event.source.toLowerCase(),
        `${event.version} on 127.0.0.1:${event.port}, ready in ${seconds(event.ms)}`,
      ];
    case 'exited':
      return [event.source.toLowerCase(), style('red', `the server ended by itself:\n${event.log}`)];
    case 'warning':
      return ['warning', style('yellow', event.message)];
    case 'skipped':
    case 'start':
      return null;
  }
}
