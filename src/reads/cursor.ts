import { TandemError } from '../errors/tandem-error.ts';

/** A row's place in a list: the values that it is ordered by, the primary key last. Opaque to clients. */
export function encodeCursor(key: number): string {
  return Buffer.from(JSON.stringify([key])).toString('base64url');
}

/** @throws TandemError BAD_USER_INPUT for a text that `encodeCursor` did not make */
export function decodeCursor(cursor: string): number {
  try {
    const [key, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (Number.isSafeInteger(key) && rest.length === 0) return key as number;
  } catch {
    // Falls through: whatever is wrong with it, it is none of our cursors.
  }
  throw new TandemError('BAD_USER_INPUT', {
    message: 'after is not a cursor of this list: pass the endCursor or an edge’s cursor of an earlier page.',
  });
}
