import type { EntityMetadata, MetadataStorage } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/mysql';
import { LRUCache } from 'lru-cache';
import { claimOf } from '../access/claims.ts';
import type { ActiveIdentity } from '../access/identity.ts';
import type { AccessRules, TablePermission } from '../access/permission.ts';
import type { SourceName } from '../source-name.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import {
  type GuardedTable,
  guardTable,
  hiddenTables,
  type RulePart,
  withoutHidden,
} from './guarded-table.ts';
import { hiddenRowsOf } from './hidden-rows.ts';
import { valueOfClaim } from './row-rule.ts';
import { boundsOfTable, type TableBounds } from './table-bounds.ts';

/** The rows that one caller may read of one source: for each table that it may not read as a whole, the part that it may. */
export interface RowGuard {
  /** Guards with the same key differ in their values alone. */
  readonly key: string;
  /** By the names of the tables. */
  readonly tables: ReadonlyMap<string, GuardedTable>;
  readonly values: readonly (string | number)[];
  /** Whether the table may be read in this source at all. */
  mayRead(meta: EntityMetadata): boolean;
  /** Whether rows of it can be missing. */
  hidesRows(meta: EntityMetadata): boolean;
}

/** Makes the guard of a caller. */
export type GuardOf = (identity: ActiveIdentity) => RowGuard;

/** Forms of guards that are kept: one for each role, as long as no claim is a list or missing. */
const mostForms = 200;

/**
 * The rules of a role for one operation, as parts of tables. SQL is made once for a role and a form of its claims; the claims are
 * parameters. A claim that is missing, or of another type than its column, makes the whole rule false.
 */
export function createGuards(
  em: SqlEntityManager,
  metadata: MetadataStorage,
  {
    source,
    rules,
    operation = 'read',
    becoming = false,
  }: {
    source: SourceName;
    rules: AccessRules;
    operation?: keyof TablePermission;
    /** Whether it is about rows as the operation makes them, by its `check`; else as they are before it, by `rows`. */
    becoming?: boolean;
  },
): GuardOf {
  // A table between two others has nothing but their keys, and stands beside both in each statement.
  const metas = [...metadata.getAll().values()].filter(
    ({ abstract, tableName, pivotTable, className }) =>
      !abstract && tableName && !(pivotTable && !Object.hasOwn(rules.tables, className)),
  ) as EntityMetadata[];
  const forms = new LRUCache<string, ReadonlyMap<string, GuardedTable>>({ max: mostForms });
  const hidden = hiddenTables(em, metas);
  const bounds = new Map<string, readonly TableBounds[]>();
  const boundsOf = (role: string): readonly TableBounds[] => {
    let known = bounds.get(role);
    if (known === undefined) {
      known = metas.map((meta) => boundsOfTable(rules, role, meta, { source, operation, becoming }));
      bounds.set(role, known);
    }
    return known;
  };

  return memoizeWeak((identity: ActiveIdentity): RowGuard => {
    const role = identity.role ?? '';
    const tables = boundsOf(role);
    const values: (string | number)[] = [];
    const parts = tables.map((table) => {
      if (table.isDenied) return 'denied' as const;
      const found = table.claims.map((one) => valueOfClaim(claimOf(identity.claims, one.path), one));
      if (found.includes(undefined)) return 'false' as const;
      const from = values.length;
      values.push(...(found.flat() as (string | number)[]));
      return { from, lengths: found.map((one) => (Array.isArray(one) ? one.length : null)) };
    });
    const key = JSON.stringify([operation, becoming, role, parts]);
    let form = forms.get(key);
    if (form === undefined) {
      form = new Map(
        tables.flatMap((table, at) => {
          const guarded = guardTable(em, table, parts[at] as RulePart);
          const { tableName } = table.meta;
          const left = guarded === null ? hidden.get(tableName) : withoutHidden(guarded, tableName, hidden);
          return left === undefined ? [] : [[tableName, left] as const];
        }),
      );
      forms.set(key, form);
    }
    const made = form;
    return {
      key,
      tables: made,
      values,
      mayRead: (meta) => !tables.some((table) => table.meta.className === meta.className && table.isDenied),
      hidesRows: ({ tableName }) => made.get(tableName)?.hidesRows === true,
    };
  });
}

/** Whether rows of any table are hidden from every caller. */
export function hidesAnyRows(metadata: MetadataStorage): boolean {
  return [...metadata.getAll().values()].some((meta) => hiddenRowsOf(meta as EntityMetadata).rule !== null);
}
