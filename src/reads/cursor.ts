import { TandemError } from '../errors/tandem-error.ts';
import type { Order } from './order.ts';

/**
 * A row's place in a list: the order's name and the row's values in it. Opaque to clients, as Relay requires:
 * https://relay.dev/graphql/connections.htm#sec-Cursor
 */
export function encodeCursor(order: Order, row: Readonly<Record<string, unknown>>): string {
  const place = order.map(({ property }) => row[property]);
  return Buffer.from(JSON.stringify([nameOf(order), ...place])).toString('base64url');
}

/**
 * The values of a place in this order.
 * @param holds whether a column can have a value, where its key or its type tells; null where they do not
 * @throws TandemError BAD_USER_INPUT for a text that is no cursor, or one of another order
 */
export function decodeCursor(
  argument: 'after' | 'before',
  order: Order,
  cursor: string,
  holds: (property: string, value: unknown) => boolean | null,
): unknown[] {
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    decoded = null;
  }
  const [name, ...place] = Array.isArray(decoded) ? decoded : [];
  const fits =
    name === nameOf(order) &&
    place.length === order.length &&
    place.every((value, at) => holds(order[at]?.property ?? '', value) ?? isPlain(value));
  if (fits) return place;
  throw notACursor(argument);
}

export function notACursor(argument: 'after' | 'before'): TandemError {
  return new TandemError('BAD_USER_INPUT', {
    message: `${argument} is not a cursor of this list: pass one of an earlier page with the same orderBy.`,
  });
}

/** A column can hold null even where its entity has none. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  return Number.isFinite(value) || typeof value === 'boolean' || value === null;
}

/** Whether it is the value of a SET. */
export function isTexts(value: unknown): boolean {
  if (value === null) return true;
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item.isWellFormed());
}

/** Tells orders apart, as in `+lastName-dateOfBirth-key`. */
function nameOf(order: Order): string {
  return order.map(({ property, direction }) => (direction === 'asc' ? '+' : '-') + property).join('');
}
