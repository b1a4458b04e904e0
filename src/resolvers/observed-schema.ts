import type { Context } from '../context.ts';
import { cachedSnapshotOf } from '../drift/cached-snapshot.ts';
import type { SchemaSnapshot } from '../drift/snapshot.ts';
import type { SourceName } from '../source-name.ts';
import { inTime } from '../sources/operation-deadline.ts';

/**
 * The schema of a source, within the time of the operation that asks.
 * @throws TandemError
 */
export function observedSchema({ caller, sources }: Context, name: SourceName): Promise<SchemaSnapshot> {
  return inTime(caller, cachedSnapshotOf(sources[name]), name);
}
