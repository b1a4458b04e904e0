import type { EntityMetadata, MetadataStorage } from '@mikro-orm/core';
import { type SqlEntityManager, sql } from '@mikro-orm/mysql';
import { LRUCache } from 'lru-cache';
import { claimOf } from '../access/claims.ts';
import { type ActiveIdentity, administratorRole } from '../access/identity.ts';
import { type AccessRules, permissionOf, type TablePermission } from '../access/permission.ts';
import type { SourceName } from '../source-name.ts';
import type { Value } from '../sql/literal.ts';
import { byIndex } from '../sql/optimizer-hints.ts';
import { replaceTables } from '../sql/replace-tables.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { applyFilter, type Builder } from './condition-to-sql.ts';
import { isColumn } from './entity-properties.ts';
import { toFilter, type Where } from './filter-to-condition.ts';
import { hiddenRowsOf } from './hidden-rows.ts';
import { ClaimValue, claimsOf, type RuleClaim, valueOfClaim, withClaimValues } from './row-rule.ts';

/** SQL with a question mark for each parameter, and what each stands for. */
export interface GuardedTable {
  /** A SELECT of the rows and columns that the role has. */
  readonly sql: string;
  readonly sqlByIndex: string;
  readonly params: readonly (ClaimSlot | Value)[];
  /** Whether rows can be missing. */
  readonly hidesRows: boolean;
  /** The properties whose columns it has. */
  readonly properties: ReadonlySet<string>;
}

/** A value of the caller, by its place in `RowGuard.values`. */
export interface ClaimSlot {
  readonly claim: number;
}

/** Whether a parameter stands for a claim; a constant of bytes is an object, too. */
export function isClaimSlot(param: unknown): param is ClaimSlot {
  return typeof param === 'object' && param !== null && Object.hasOwn(param, 'claim');
}

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

/** A table's bounds for a role. */
interface Bounded {
  readonly meta: EntityMetadata;
  readonly columns: readonly string[] | undefined;
  readonly rule: Where | undefined;
  readonly claims: readonly RuleClaim[];
  readonly isDenied: boolean;
}

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
  const bounds = new Map<string, readonly Bounded[]>();
  const boundsOf = (role: string): readonly Bounded[] => {
    let known = bounds.get(role);
    if (known === undefined) {
      known = metas.map((meta) => boundedOf(rules, role, meta, { source, operation, becoming }));
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
          const guarded = build(em, table, parts[at] as Part);
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

/** The rows that there are, of tables that hide some, by the names of those. */
function hiddenTables(
  em: SqlEntityManager,
  metas: readonly EntityMetadata[],
): ReadonlyMap<string, GuardedTable> {
  const tables = new Map<string, GuardedTable>();
  for (const meta of metas) {
    const { rule } = hiddenRowsOf(meta);
    if (rule === null) continue;
    const bounds = { meta, columns: undefined, rule, claims: [], isDenied: false };
    const table = build(em, bounds, { from: 0, lengths: [] });
    if (table !== null) tables.set(meta.tableName, table);
  }
  return tables;
}

/** The rules of a role are about rows that are there, of other tables, too. */
function withoutHidden(
  table: GuardedTable,
  tableName: string,
  hidden: ReadonlyMap<string, GuardedTable>,
): GuardedTable {
  if (hidden.size === 0) return table;
  const { sql, params } = replaceTables(table, hidden);
  const { sql: sqlByIndex } = replaceTables({ ...table, sql: table.sqlByIndex }, hidden);
  return { ...table, sql, sqlByIndex, params, hidesRows: table.hidesRows || hidden.has(tableName) };
}

/** Whether rows of any table are hidden from every caller. */
export function hidesAnyRows(metadata: MetadataStorage): boolean {
  return [...metadata.getAll().values()].some((meta) => hiddenRowsOf(meta as EntityMetadata).rule !== null);
}

/** How a rule stands with a caller's claims: where its values begin, and how many those that are lists have. */
type Part = 'denied' | 'false' | { readonly from: number; readonly lengths: readonly (number | null)[] };

function boundedOf(
  rules: AccessRules,
  role: string,
  meta: EntityMetadata,
  {
    source,
    operation,
    becoming,
  }: { source: SourceName; operation: keyof TablePermission; becoming: boolean },
): Bounded {
  if (role === administratorRole) {
    return { meta, columns: undefined, rule: undefined, claims: [], isDenied: false };
  }
  const read = permissionOf(rules, role, meta.className, 'read');
  const permission = permissionOf(rules, role, meta.className, operation);
  const isDenied = [read, permission].some(
    (one) => one === undefined || (one.sources !== undefined && !one.sources.includes(source)),
  );
  // A role may neither change nor delete rows that it may not read.
  const of = becoming ? [permission] : [...new Set([read, permission])];
  const all = of.flatMap((one) => rulesOf(one, source, becoming));
  const rule = all.length > 1 ? { and: all } : all[0];
  return {
    meta,
    columns: becoming ? undefined : (read?.columns as readonly string[] | undefined),
    rule,
    claims: rule === undefined ? [] : claimsOf(meta, rule),
    isDenied,
  };
}

interface Rules {
  readonly rows?: Where;
  readonly rowsIn?: Readonly<Partial<Record<SourceName, Where>>>;
  readonly check?: Where;
}

function rulesOf(permission: object | undefined, source: SourceName, becoming: boolean): Where[] {
  const { rows, rowsIn, check } = (permission ?? {}) as Rules;
  return (becoming ? [check] : [rows, rowsIn?.[source]]).filter((rule) => rule !== undefined);
}

/** Null where the role may read the whole table. */
function build(em: SqlEntityManager, { meta, columns, rule }: Bounded, part: Part): GuardedTable | null {
  const isFalse = typeof part === 'string';
  if (!isFalse && columns === undefined && rule === undefined) return null;
  const builder = em.createQueryBuilder(meta.class, 'row') as unknown as Builder;
  const granted = meta.props.filter(
    (property) =>
      isColumn(property) &&
      property.persist !== false &&
      (property.primary || columns === undefined || columns.includes(property.name)),
  );
  builder.select(
    granted.flatMap(({ fieldNames }) =>
      fieldNames.map((column) => sql.ref(`row.${column}`).as(column)),
    ) as never,
  );
  const bind = (value: unknown) =>
    value instanceof ClaimValue ? markOf(value, part as Exclude<Part, string>) : value;
  const filter = isFalse ? false : toFilter(meta, rule && withClaimValues(rule, part.lengths), bind);
  applyFilter(em, { builder, alias: 'row', meta }, filter);
  return {
    sql: builder.getQuery(),
    sqlByIndex: builder.clone().hintComment(byIndex('row')).getQuery(),
    params: builder.getParams().map(toParam),
    hidesRows: filter !== true,
    properties: new Set(granted.map(({ name }) => name)),
  };
}

const claimMark = 'tandem-claim:';

function markOf({ claim, at }: ClaimValue, { from, lengths }: Exclude<Part, string>): string {
  const before = lengths.slice(0, claim).reduce<number>((sum, length) => sum + (length ?? 1), 0);
  return `${claimMark}${from + before + (at ?? 0)}`;
}

function toParam(param: unknown): ClaimSlot | Value {
  if (typeof param === 'string' && param.startsWith(claimMark))
    return { claim: Number(param.slice(claimMark.length)) };
  return typeof param === 'boolean' ? Number(param) : (param as Value);
}
