import { isTableMissing } from '../errors/missing-table.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Source } from './source.ts';

/** How a source is at this moment. */
export type SourceStatus =
  | {
      readonly state: 'UP';
      /** Milliseconds that the server took to answer. */
      readonly latencyMs: number;
      readonly serverVersion: string;
      /** Protocol of the connection, such as TLSv1.3. */
      readonly tlsVersion: string;
      /** Name of the last migration applied; null where none was. */
      readonly migration: string | null;
    }
  | { readonly state: 'DOWN'; readonly error: TandemError };

/** Milliseconds for which an answer is good for others who ask. */
const freshMs = 1000;

const asked = new WeakMap<Source, { readonly at: number; readonly status: Promise<SourceStatus> }>();

/**
 * Asks a source how it is, at most once a second, however many ask. Never throws: a database that is down is an answer,
 * not a fault.
 */
export function statusOf(source: Source): Promise<SourceStatus> {
  const last = asked.get(source);
  if (last !== undefined && performance.now() - last.at < freshMs) return last.status;
  const status = probe(source);
  asked.set(source, { at: performance.now(), status });
  return status;
}

async function probe(source: Source): Promise<SourceStatus> {
  try {
    const [tls] = await source.ask<{ Value: string }>("show session status like 'Ssl_version'");
    const sent = performance.now();
    const [server] = await source.ask<{ version: string }>('select version() as version');
    const latencyMs = performance.now() - sent;
    const migrations = await source
      .ask<{ name: string }>('select name from mikro_orm_migrations order by id desc limit 1')
      .catch(noTable);
    return {
      state: 'UP',
      latencyMs: Math.round(latencyMs * 10) / 10,
      serverVersion: server?.version ?? 'unknown',
      tlsVersion: tls?.Value ?? 'none',
      migration: migrations[0]?.name ?? null,
    };
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    return { state: 'DOWN', error };
  }
}

/** A database that was never migrated has no history table. */
function noTable(error: unknown): never[] {
  if (isTableMissing(error)) return [];
  throw error;
}
