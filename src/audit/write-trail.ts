import type { SqlEntityManager } from '@mikro-orm/mysql';
import { TandemError } from '../errors/tandem-error.ts';
import { type ForeignKeyActions, readForeignKeyActions } from '../information-schema/foreign-key-actions.ts';
import type { SourceName } from '../source-name.ts';
import { isOfTrail, trailInsert, type WrittenBy, type WrittenRows } from './trail-insert.ts';

/** The trail of the writes to one source. */
export interface WriteTrail {
  /** Adds one row for each statement, in the transaction of the statements: all of it is committed, or nothing. */
  append(em: SqlEntityManager, written: readonly WrittenRows[], by: WrittenBy): Promise<void>;
  /**
   * The foreign keys along which MySQL itself changes rows.
   *
   * @param fresh whether they are read anew in any case
   */
  foreignKeys(em: SqlEntityManager, fresh?: boolean): Promise<ForeignKeyActions>;
}

/**
 * Milliseconds for which the foreign keys are taken to be what they were, since reading them costs as much as a write does. Migrations run
 * while the server does.
 */
const keptMs = 2000;

/** @param database that of the trail, on the same server */
export function createWriteTrail(database: string, source: SourceName): WriteTrail {
  const insertOf = trailInsert(database, source);
  let known: { readonly keys: ForeignKeyActions; readonly at: number } | undefined;
  return {
    async foreignKeys(em, fresh = false) {
      if (fresh || known === undefined || performance.now() - known.at > keptMs) {
        const at = performance.now();
        known = { keys: await readForeignKeyActions(em), at };
      }
      return known.keys;
    },
    async append(em, written, by) {
      if (written.length === 0) return;
      const { sql, params } = insertOf(written, by);
      try {
        await em.execute(sql, params, 'run');
      } catch (error) {
        throw isOfTrail(error) ? new TandemError('AUDIT_UNAVAILABLE', { source, cause: error }) : error;
      }
    },
  };
}
