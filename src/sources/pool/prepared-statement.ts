import type { Value } from '../../sql/literal.ts';

/** SQL with a question mark for each value. */
export interface PreparedStatement {
  readonly sql: string;
  readonly values: readonly Value[];
  readonly rowsAsArray: boolean;
}

/** A guess at what one value of a prepared statement takes. */
const bytesOfValue = 256;

/** Bytes of type, length and number that go with a value. */
export const bytesBesideValue = 16;

/** A guess at what a statement weighs while it stays prepared, in bytes. */
export function preparedSize({ sql, values }: PreparedStatement): number {
  return sql.length + values.length * bytesOfValue;
}

/** Bytes of the packet that runs it, about. */
export function packetBytes({ sql, values }: PreparedStatement): number {
  let bytes = Buffer.byteLength(sql) + values.length * bytesBesideValue;
  for (const value of values)
    if (typeof value === 'string' || Buffer.isBuffer(value)) bytes += Buffer.byteLength(value);
  return bytes;
}
