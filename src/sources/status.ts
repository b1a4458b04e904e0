import { setTimeout as delay } from 'node:timers/promises';
import { TandemError } from '../errors/tandem-error.ts';
import type { Source } from './source.ts';

/** How a source is at this moment. */
export type SourceStatus =
  | {
      readonly state: 'UP';
      /** Milliseconds that the probe took, connecting included where no connection was open. */
      readonly latencyMs: number;
      readonly serverVersion: string;
      /** Protocol of the connection, such as TLSv1.3. */
      readonly tlsVersion: string;
      /** Name of the last migration applied; null where none was. */
      readonly migration: string | null;
    }
  | { readonly state: 'DOWN'; readonly error: TandemError };

/** Asks a source how it is. Never throws: a database that is down is an answer, not a fault. */
export async function statusOf(source: Source): Promise<SourceStatus> {
  const abandon = new AbortController();
  // Connecting is bounded by the pool's time-out; a connection that went silent is not.
  const deadline = delay(source.pool.connectTimeoutMs + 200, undefined, { signal: abandon.signal }).then(
    () => {
      throw new TandemError('SOURCE_UNAVAILABLE', { source: source.name });
    },
  );
  try {
    return await Promise.race([probe(source), deadline]);
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    return { state: 'DOWN', error };
  } finally {
    abandon.abort();
    deadline.catch(() => {});
  }
}

async function probe(source: Source): Promise<SourceStatus> {
  const started = performance.now();
  return source.read(async (em) => {
    const [server] = await em.execute<{ version: string }[]>('select version() as version');
    const latencyMs = performance.now() - started;
    const [tls] = await em.execute<{ Value: string }[]>("show session status like 'Ssl_version'");
    const migrations = await em
      .execute<{ name: string }[]>('select name from mikro_orm_migrations order by id desc limit 1')
      .catch(noTable);
    return {
      state: 'UP',
      latencyMs: Math.round(latencyMs * 10) / 10,
      serverVersion: server?.version ?? 'unknown',
      tlsVersion: tls?.Value ?? 'none',
      migration: migrations[0]?.name ?? null,
    };
  });
}

/** A database that was never migrated has no history table (1146, ER_NO_SUCH_TABLE). */
function noTable(error: unknown): never[] {
  if ((error as { errno?: number }).errno === 1146) return [];
  throw error;
}
