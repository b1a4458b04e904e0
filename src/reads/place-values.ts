import type { EntityMetadata } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import type { Bind, Filter } from './filter-to-condition.ts';
import type { OrderStep } from './order.ts';
import { codecAt, conditionAt, isCountPath } from './order-path.ts';

/** Items of the ENUM and SET columns of a table, in the order that one source has them in, by the steps of an order. */
export type ItemPositions = ReadonlyMap<string, readonly string[]>;

/** Conditions on one step of an order, beside the place of a cursor. */
export interface PlaceValues {
  /** Beyond the value; with `inclusive`, at it, too. False where nothing is. */
  readonly beyond: (step: OrderStep, value: unknown, inclusive: boolean) => Filter;
  readonly at: (property: string, value: unknown) => Filter;
  /** Whether no row has a null there: a column of the key, or a count. */
  readonly isNeverNull: (property: string) => boolean;
}

/** Values that are compared as they are ordered. */
function plainPlaceValues(bind: Bind): Pick<PlaceValues, 'beyond' | 'at'> {
  return {
    beyond: ({ property, direction }, value, inclusive) =>
      conditionAt(property, {
        [`$${direction === 'asc' ? 'gt' : 'lt'}${inclusive ? 'e' : ''}`]: bind(value),
      }),
    at: (property, value) => conditionAt(property, { $eq: bind(value) }),
  };
}

/**
 * The same for the columns of a table. Rows are ordered by an ENUM's positions and compared by its text, so that those beyond an item
 * are those with one of the later items: for a list of items, an index serves. Of a SET, the numbers are compared.
 *
 * @throws an error where a value is none that the column can have
 */
export function placeValuesOf(meta: EntityMetadata, bind: Bind, positions: ItemPositions): PlaceValues {
  const plain = plainPlaceValues((value) => bind(value));
  const parameter = (property: string, value: unknown) => {
    const codec = codecAt(meta, property);
    return codec.bind === undefined ? value : codec.bind(value as never);
  };
  const { columns } = primaryKeyOf(meta);
  return {
    isNeverNull: (property) => isCountPath(property) || columns.some(({ name }) => name === property),
    beyond(step, value, inclusive) {
      const { property, direction } = step;
      switch (codecAt(meta, property).positions) {
        case 'item': {
          const later = laterItems(positions.get(property) ?? [], value, direction, inclusive);
          return later.length > 0 && conditionAt(property, { $in: later.map(bind) });
        }
        case 'bits': {
          const sign = `$bits:${direction === 'asc' ? '>' : '<'}${inclusive ? '=' : ''}`;
          return conditionAt(property, { [sign]: [bind(bitsOf(positions.get(property) ?? [], value))] });
        }
        default:
          return plain.beyond(step, parameter(property, value), inclusive);
      }
    },
    at(property, value) {
      if (codecAt(meta, property).positions !== 'bits') return plain.at(property, parameter(property, value));
      return conditionAt(property, { '$bits:=': [bind(bitsOf(positions.get(property) ?? [], value))] });
    },
  };
}

function laterItems(
  items: readonly string[],
  value: unknown,
  direction: OrderStep['direction'],
  inclusive: boolean,
): readonly string[] {
  // An item that was refused without an error is an empty text before all items: https://dev.mysql.com/doc/refman/8.4/en/enum.html#enum-indexes
  const all = items.includes('') ? items : ['', ...items];
  const at = all.indexOf(value as string);
  if (at < 0) throw new TypeError('No item of the column.');
  return direction === 'asc' ? all.slice(inclusive ? at : at + 1) : all.slice(0, inclusive ? at + 1 : at);
}

function bitsOf(items: readonly string[], value: unknown): string {
  let bits = 0n;
  for (const item of value as readonly string[]) {
    const at = items.indexOf(item);
    if (at < 0) throw new TypeError('No item of the column.');
    bits |= 1n << BigInt(at);
  }
  return bits.toString();
}
