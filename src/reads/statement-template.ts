import type { EntityMetadata } from '@mikro-orm/core';
import type { Value } from '../sql/literal.ts';
import { replaceTables, type TablePart } from '../sql/replace-tables.ts';
import { placeOfMark } from './bound-values.ts';
import type { Builder } from './condition-to-sql.ts';
import { type ClaimSlot, isClaimSlot } from './guarded-table.ts';
import { namesPlaces, wholeTable, withPlaces } from './keyless.ts';
import type { RowGuard } from './row-guard.ts';
import type { SelectSpec } from './select-spec.ts';

/** The text that the ORM's query builder made, and where each parameter's value comes from. */
export interface Template {
  readonly sql: string;
  readonly slots: readonly Slot[];
}
type Slot =
  | { readonly at: 'value'; readonly of: 'rows' | 'list'; readonly index: number }
  | { readonly at: 'limit'; readonly of: 'rows' | 'list' }
  | { readonly at: 'claim'; readonly index: number }
  | { readonly at: 'constant'; readonly value: Value };

/** Stands for a limit while a template is built; larger than any that may be asked for. */
export const limitMark = 2_147_480_000;

export function toTemplate(builder: Builder, of: 'rows' | 'list'): Template {
  return { sql: builder.getQuery(), slots: builder.getParams().map((param) => toSlot(param, of)) };
}

function toSlot(param: unknown, of: 'rows' | 'list'): Slot {
  if (param === limitMark) return { at: 'limit', of };
  const index = placeOfMark(param);
  if (index !== undefined) return { at: 'value', of, index };
  return { at: 'constant', value: param as string | number };
}

const isSlot = (param: Slot | Value): param is Slot =>
  typeof param === 'object' && param !== null && Object.hasOwn(param, 'at');

type Part = TablePart<ClaimSlot | Value>;

/** The parts in the place of tables: the rows and columns that a role has, and of rows without a key those with their places. */
export function partsOf(
  { sql }: Template,
  guard: RowGuard | null,
  keyless: ReadonlyMap<string, EntityMetadata>,
): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>(guard?.tables);
  for (const [name, meta] of keyless) {
    if (!namesPlaces(sql, meta)) continue;
    const guarded = guard?.tables.get(name);
    const properties = guarded?.properties ?? new Set(meta.props.map((property) => property.name));
    const seenOf = ({ tableName }: EntityMetadata) => {
      const table = guard?.tables.get(tableName);
      return table?.hidesRows === true ? table : undefined;
    };
    parts.set(name, withPlaces<ClaimSlot | Value>(meta, properties, guarded ?? wholeTable(meta), seenOf));
  }
  return parts;
}

/** The same statement, of parts of tables. */
export function inParts(parts: ReadonlyMap<string, Part>, { sql, slots }: Template): Template {
  if (parts.size === 0) return { sql, slots };
  const guarded = replaceTables({ sql, params: slots }, parts);
  return {
    sql: guarded.sql,
    slots: guarded.params.map((param): Slot => {
      if (isClaimSlot(param)) return { at: 'claim', index: param.claim };
      return isSlot(param) ? param : { at: 'constant', value: param };
    }),
  };
}

/** The value of a parameter. */
export function fill(
  slot: Slot,
  spec: SelectSpec,
  values: readonly unknown[],
  guard: RowGuard | null,
): string | number {
  if (slot.at === 'constant') return slot.value as string | number;
  if (slot.at === 'claim') return guard?.values[slot.index] as string | number;
  if (slot.at === 'limit') return (slot.of === 'rows' ? spec : spec.list)?.limit as number;
  return (slot.of === 'rows' ? values : spec.list?.values)?.[slot.index] as string | number;
}
