import type { Context } from '../context.ts';
import { observedOf } from '../drift/observed-of.ts';
import type { SchemaSnapshot } from '../drift/snapshot.ts';
import type { SourceName } from '../source-name.ts';
import { inTime } from '../sources/in-time.ts';

/**
 * What a source has, within the time of the operation that asks.
 * @throws TandemError
 */
export function observedIn({ caller, sources }: Context, name: SourceName): Promise<SchemaSnapshot> {
  return inTime(caller, observedOf(sources[name]), name);
}
