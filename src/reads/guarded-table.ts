import type { EntityMetadata } from '@mikro-orm/core';
import { type SqlEntityManager, sql } from '@mikro-orm/mysql';
import type { Value } from '../sql/literal.ts';
import { byIndex } from '../sql/optimizer-hints.ts';
import { replaceTables } from '../sql/replace-tables.ts';
import { applyFilter, type Builder } from './condition-to-sql.ts';
import { isColumn } from './entity-properties.ts';
import { toFilter } from './filter-to-condition.ts';
import { hiddenRowsOf } from './hidden-rows.ts';
import { ClaimValue, withClaimValues } from './row-rule.ts';
import type { TableBounds } from './table-bounds.ts';

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

/** How a rule stands with a caller's claims: where its values begin, and how many those that are lists have. */
export type RulePart =
  | 'denied'
  | 'false'
  | { readonly from: number; readonly lengths: readonly (number | null)[] };

/** The part of a table that a role may read. Null where the role may read the whole table. */
export function guardTable(
  em: SqlEntityManager,
  { meta, columns, rule }: TableBounds,
  part: RulePart,
): GuardedTable | null {
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
    value instanceof ClaimValue ? markOf(value, part as Exclude<RulePart, string>) : value;
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

function markOf({ claim, at }: ClaimValue, { from, lengths }: Exclude<RulePart, string>): string {
  const before = lengths.slice(0, claim).reduce<number>((sum, length) => sum + (length ?? 1), 0);
  return `${claimMark}${from + before + (at ?? 0)}`;
}

function toParam(param: unknown): ClaimSlot | Value {
  if (typeof param === 'string' && param.startsWith(claimMark))
    return { claim: Number(param.slice(claimMark.length)) };
  return typeof param === 'boolean' ? Number(param) : (param as Value);
}

/** The rows that there are, of tables that hide some, by the names of those. */
export function hiddenTables(
  em: SqlEntityManager,
  metas: readonly EntityMetadata[],
): ReadonlyMap<string, GuardedTable> {
  const tables = new Map<string, GuardedTable>();
  for (const meta of metas) {
    const { rule } = hiddenRowsOf(meta);
    if (rule === null) continue;
    const bounds = { meta, columns: undefined, rule, claims: [], isDenied: false };
    const table = guardTable(em, bounds, { from: 0, lengths: [] });
    if (table !== null) tables.set(meta.tableName, table);
  }
  return tables;
}

/** The rules of a role are about rows that are there, of other tables, too. */
export function withoutHidden(
  table: GuardedTable,
  tableName: string,
  hidden: ReadonlyMap<string, GuardedTable>,
): GuardedTable {
  if (hidden.size === 0) return table;
  const { sql, params } = replaceTables(table, hidden);
  const { sql: sqlByIndex } = replaceTables({ ...table, sql: table.sqlByIndex }, hidden);
  return { ...table, sql, sqlByIndex, params, hidesRows: table.hidesRows || hidden.has(tableName) };
}
