import type { EntityMetadata } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { otherPlace, type RowKey } from '../column-types/table-key.ts';

/**
 * A plain row: properties by their names in the API, relations as nested rows. Each has its `source`, and the values that tell
 * it from others (`keyOfRow`).
 */
export type Row = Record<string, unknown>;

export function keyOfRow(meta: EntityMetadata, row: Row): RowKey {
  return row[primaryKeyOf(meta).place] as RowKey;
}

/** The same of a row whose table is not known; undefined for what is no row. */
export function anyKeyOf(row: Row): RowKey | undefined {
  const key = row[otherPlace] ?? row.key;
  return typeof key === 'object' ? undefined : (key as RowKey | undefined);
}

/** Makes a row of the values of a result from some place on. */
export type MakeRow = (values: readonly unknown[], from: number) => Row;

/** A column of a result, and how its values become the API's; null where they are those already. */
export interface RowColumn {
  readonly name: string;
  readonly read: ((value: unknown) => unknown) | null;
  /** Whether the row has the value by itself. */
  readonly isKept: boolean;
}

/** The values of a row besides its columns, made of them. */
export type Made =
  /** The `RowKey` of some columns; null where one is null. */
  | { readonly name: string; readonly keyOf: readonly string[] }
  /** An object, or a value, of columns by the ways to them. */
  | {
      readonly name: string;
      readonly object: readonly (readonly [path: readonly string[], column: string])[];
    };

/**
 * A function that makes rows with these columns, in the order of a result's values, with what is made of them, and with places for what
 * is put into them later. It is written as an object literal, as the driver's own row parsers are: such an object is
 * allocated once and whole, where one that is filled key by key grows several times. The names are an entity's own.
 */
export function rowMaker(
  columns: readonly RowColumn[],
  made: readonly Made[],
  places: readonly string[],
): MakeRow {
  const value = (name: string) => {
    const at = columns.findIndex((column) => column.name === name);
    const text = `values[from + ${at}]`;
    return columns[at]?.read === null ? text : `(${text} === null ? null : read[${at}](${text}))`;
  };
  const kept = columns.filter(({ isKept }) => isKept).map(({ name }) => [name, value(name)] as const);
  const others = made.map((each) => {
    if ('object' in each) return [each.name, objectText(each.object, value)] as const;
    return [each.name, keyText(each.keyOf, value)] as const;
  });
  const fields = new Map([...places.map((place) => [place, 'null'] as const), ...kept, ...others]);
  const entries = [...fields].map(([name, text]) => `${JSON.stringify(name)}: ${text}`);
  const make = `return (values, from) => ({ ${entries.join(', ')} });`;
  return new Function('read', make)(columns.map(({ read }) => read)) as MakeRow;
}

type Text = (column: string) => string;

/** As `toRowKey` has it. */
function keyText(columns: readonly string[], value: Text): string {
  const [only, ...others] = columns;
  if (others.length === 0) return value(only as string);
  const anyNull = columns.map((name) => `${value(name)} === null`).join(' || ');
  return `(${anyNull} ? null : JSON.stringify([${columns.map(value).join(', ')}]))`;
}

function objectText(
  parts: readonly (readonly [path: readonly string[], column: string])[],
  value: Text,
): string {
  const [first] = parts;
  if (first?.[0].length === 0) return value(first[1]);
  const groups = Map.groupBy(parts, ([[name]]) => name);
  const fields = [...groups].map(([name, group]) => {
    const below = group.map(([[, ...path], column]) => [path, column] as const);
    return `${JSON.stringify(name)}: ${objectText(below, value)}`;
  });
  return `{ ${fields.join(', ')} }`;
}
