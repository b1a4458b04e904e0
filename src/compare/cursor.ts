import { TandemError } from '../errors/tandem-error.ts';
import { encodeCursor } from '../reads/cursor.ts';
import type { Order } from '../reads/order.ts';
import type { Row } from '../reads/row.ts';
import { type SourceName, sourceNames } from '../source-name.ts';

/** A row's place among compared rows: first those of AZURE in its order, then those that match in GCP alone. */
export interface ComparedPlace {
  readonly of: SourceName;
  /** The cursor of the row in that source; null: before all of them. */
  readonly cursor: string | null;
}

export const firstPlace: ComparedPlace = { of: 'AZURE', cursor: null };

export function comparedPlace(of: SourceName, order: Order, row: Row): ComparedPlace {
  return { of, cursor: encodeCursor(order, row) };
}

/** Opaque to clients, as Relay requires. */
export function encodePlace({ of, cursor }: ComparedPlace): string {
  return Buffer.from(`${of}:${cursor}`).toString('base64url');
}

/** @throws TandemError BAD_USER_INPUT for a text that is no cursor; what it holds is looked at where it is used */
export function decodePlace(text: string): ComparedPlace {
  const [of, cursor, ...more] = Buffer.from(text, 'base64url').toString().split(':');
  const source = sourceNames.find((name) => name === of);
  if (source !== undefined && cursor !== undefined && more.length === 0) return { of: source, cursor };
  throw new TandemError('BAD_USER_INPUT', {
    message: 'after is not a cursor of this list: pass one of an earlier page with the same orderBy.',
  });
}
