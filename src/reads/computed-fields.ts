import type { EntityMetadata } from '@mikro-orm/core';
import { computedNamesOf } from '../column-types/entity-fields.ts';
import { tableOf } from '../entities/table.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import type { MakeRow, Row } from './row.ts';

/** A getter of an entity's class. */
export interface Getter {
  readonly name: string;
  readonly get: (this: Row) => unknown;
}

/** A field of a row that is no column. */
interface ComputedField {
  /** The columns that it is made of. */
  readonly needs: readonly string[];
  /** Null where a `@FieldResolver` makes it. */
  readonly getter: Getter | null;
}

/** The entry of a field in a table's `computed`; undefined where it has none. */
export function computedField(meta: EntityMetadata, name: string): ComputedField | undefined {
  return computedFieldsOf(meta).get(name);
}

const computedFieldsOf = memoizeWeak((meta: EntityMetadata): ReadonlyMap<string, ComputedField> => {
  const entity = meta.class as never as abstract new () => Row;
  const { computed = {} } = tableOf(entity) ?? {};
  const getters = new Set(computedNamesOf(entity).getters);
  return new Map(
    Object.entries(computed).map(([name, needs]) => {
      const get = getters.has(name) ? getterOf(entity, name) : undefined;
      return [name, { needs, getter: get === undefined ? null : { name, get } }];
    }),
  );
});

/** Of the class, or of one that it extends. */
export function getterOf(
  { prototype }: abstract new () => object,
  name: string,
): ((this: Row) => unknown) | undefined {
  for (let of = prototype; of !== null; of = Object.getPrototypeOf(of)) {
    const descriptor = Object.getOwnPropertyDescriptor(of, name);
    if (descriptor !== undefined) return descriptor.get as ((this: Row) => unknown) | undefined;
  }
  return undefined;
}

/** Rows with the values of getters. An error that a getter throws is the error of its field alone. */
export function withGetters(make: MakeRow, getters: readonly Getter[]): MakeRow {
  if (getters.length === 0) return make;
  return (values, from) => {
    const row = make(values, from);
    const made = getters.map(({ get }) => computedBy(get, row));
    getters.forEach(({ name }, at) => {
      row[name] = made[at];
    });
    return row;
  };
}

function computedBy(get: Getter['get'], row: Row): unknown {
  try {
    return get.call(row);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
