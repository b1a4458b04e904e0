import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import type { Source } from '../sources/source.ts';
import { type SchemaSnapshot, takeSnapshot } from './snapshot.ts';

/** Milliseconds for which an answer is good for others who ask. */
const freshMs = 1000;

/** `until`: when it is no longer fresh. */
const asked = new WeakMap<Source, { until: number; readonly observed: Promise<SchemaSnapshot> }>();

/**
 * The schema of a source of the running server, asked at most once a second, however many ask and however long it takes, and over one
 * connection: the others are for reads.
 * @throws TandemError where it does not answer
 */
export function cachedSnapshotOf(source: Source): Promise<SchemaSnapshot> {
  const last = asked.get(source);
  if (last !== undefined && performance.now() < last.until) return last.observed;
  const observed = source.read((em) => takeSnapshot(source.name, oneAtATime(em), source.ignoredTables));
  const entry = { until: Number.POSITIVE_INFINITY, observed };
  asked.set(source, entry);
  const done = () => {
    entry.until = performance.now() + freshMs;
  };
  observed.then(done, done);
  return observed;
}

function oneAtATime(em: CatalogueConnection): CatalogueConnection {
  let last: Promise<unknown> = Promise.resolve();
  return {
    execute: <T>(sql: string) => {
      const next = last.then(() => em.execute<T>(sql));
      last = next.catch(() => {});
      return next;
    },
  };
}
