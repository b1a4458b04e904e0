import type { Log } from './log.ts';
import { createReader, type Reader } from './reads/reader.ts';
import { perSource, type SourceName } from './source-name.ts';
import type { Sources } from './sources/registry.ts';
import { createWriter, type Writer } from './writes/writer.ts';

/** What one request carries. */
export interface Context {
  /** Stands in every line that the log has about the request. */
  readonly requestId: string;
  /** When it came, on the clock of `performance.now()`. */
  readonly started: number;
  readonly log: Log;
  readonly sources: Sources;
  readonly readers: Readonly<Record<SourceName, Reader>>;
  readonly writers: Readonly<Record<SourceName, Writer>>;
}

/** Makes the context of each request; what does not depend on the request is made once. */
export function contextFactory(sources: Sources, log: Log): (requestId: string) => Context {
  const readers = perSource((name) => createReader(sources[name]));
  const writers = perSource((name) => createWriter(sources[name]));
  return (requestId) => ({ requestId, started: performance.now(), log, sources, readers, writers });
}
