import type { SourceName } from '../source-name.ts';
import { hexText } from '../sql/literal.ts';
import { type KeyPart, type KeyValues, keyLiteral, type SharedKey } from './shared-key.ts';

/** A key, and the side that its texts are from. */
export interface KeyPlace {
  readonly values: KeyValues;
  readonly from: SourceName;
}

/** Keys after `after`, and up to `upTo`, which is among them; null: no bound. */
export interface KeyRange {
  readonly after: KeyPlace | null;
  readonly upTo: KeyPlace | null;
}

/**
 * The condition for a range, written out: MySQL uses no index for a comparison of rows with < and >.
 * https://dev.mysql.com/doc/refman/8.4/en/range-optimization.html#row-constructor-range-optimization
 */
export function rangeCondition({ parts }: SharedKey, { after, upTo }: KeyRange, source: SourceName): string {
  const conditions = [
    ...(after === null ? [] : [beyond(parts, after.values, { side: 'after', from: after.from, source })]),
    ...(upTo === null ? [] : [beyond(parts, upTo.values, { side: 'upTo', from: upTo.from, source })]),
  ];
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}

interface Sides {
  readonly side: 'after' | 'upTo';
  readonly from: SourceName;
  readonly source: SourceName;
}

function beyond(parts: readonly KeyPart[], values: KeyValues, sides: Sides): string {
  const [part, ...rest] = parts;
  const [value, ...others] = values;
  if (part === undefined || value === undefined) return sides.side === 'after' ? 'false' : 'true';
  const strictly = strict(part, value, sides);
  const equal = equals(part, value, sides);
  if (rest.length === 0) return sides.side === 'after' ? strictly : `(${strictly} or ${equal})`;
  return `(${strictly} or (${equal} and ${beyond(rest, others, sides)}))`;
}

/** The condition on rows after a value in the order of the index, or before it. */
function strict(part: KeyPart, value: string, { side, from, source }: Sides): string {
  const isGreater = (side === 'after') !== part.descending;
  const column = part.column[source];
  if (part.kind !== 'enum') return `${column} ${isGreater ? '>' : '<'} ${keyLiteral(part, value, from)}`;
  // Compared with < an ENUM is its text, and as a number no index serves it.
  const at = Number(value);
  const items = part.items.filter((_, index) => (isGreater ? index + 1 > at : index + 1 < at));
  const none = isGreater || at === 0 ? [] : [`${column} = 0`];
  const some = items.length === 0 ? [] : [`${column} in (${items.map(hexText).join(', ')})`];
  const ways = [...some, ...none];
  return ways.length === 0 ? 'false' : `(${ways.join(' or ')})`;
}

function equals(part: KeyPart, value: string, { from, source }: Pick<Sides, 'from' | 'source'>): string {
  return `${part.column[source]} = ${keyLiteral(part, value, from)}`;
}

/** The condition for some rows, by their keys. */
export function keysCondition({ parts }: SharedKey, places: readonly KeyPlace[], source: SourceName): string {
  const rows = places.map(({ values, from }) =>
    parts.map((part, at) => equals(part, values[at] as string, { from, source })).join(' and '),
  );
  return `(${rows.map((row) => `(${row})`).join(' or ')})`;
}

/** The order of the index. */
export function keyOrder({ parts }: SharedKey, source: SourceName): string {
  return parts.map(({ column, descending }) => `${column[source]}${descending ? ' desc' : ''}`).join(', ');
}
