import { describeProgress } from '../local/progress.ts';
import type { ProgressEvent } from '../local/types.ts';
import type { ProgressLine, Terminal } from './terminal.ts';

/** Shows what bringing up the local databases is doing; transfers rewrite one line. */
export function reportLocal({ progressLine, sayAbout, style }: Terminal): (event: ProgressEvent) => void {
  let transfer: { readonly what: string; readonly line: ProgressLine } | null = null;
  return (event) => {
    const text = describeProgress(event);
    switch (event.kind) {
      case 'skipped':
      case 'start':
        return;
      case 'fetch':
      case 'unpack':
        transfer =
          transfer?.what === event.what ? transfer : { what: event.what, line: progressLine('databases') };
        if (event.done < event.total) transfer.line.update(text);
        else transfer.line.done(text);
        return;
      case 'exited':
        return sayAbout('databases', style('yellow', text));
      default:
        return sayAbout('databases', text);
    }
  };
}
