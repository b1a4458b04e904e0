import { type EntityMetadata, type EntityProperty, isRaw } from '@mikro-orm/core';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { mysqlTypeOf } from './mysql-type.ts';

/** When the ORM makes a value by itself: https://mikro-orm.io/docs/defining-entities#lifecycle-hooks-on-properties */
export type AutomaticOption = 'onCreate' | 'onUpdate';

/** The reason why the API makes no value by itself, as the end of a sentence; null where it makes one. */
export function automaticProblem(property: EntityProperty, option: AutomaticOption): string | null {
  const make = property[option];
  if (make === undefined) return null;
  if (make.length > 0)
    return `has the option ${option} whose function takes the entity, of which the API makes none`;
  try {
    automaticValue(property, option);
    return null;
  } catch (error) {
    return `has the option ${option} whose function ${error instanceof TypeError ? error.message : 'throws'}`;
  }
}

/** Whether any property has the option. */
export function hasAutomaticValues(meta: EntityMetadata, option: AutomaticOption): boolean {
  return automaticOptionsOf(meta)[option];
}

const automaticOptionsOf = memoizeWeak((meta: EntityMetadata) => ({
  onCreate: meta.props.some(({ onCreate }) => onCreate !== undefined),
  onUpdate: meta.props.some(({ onUpdate }) => onUpdate !== undefined),
}));

/** Properties with the option, and their values, as an input has them; SQL as it is. */
export function automaticValues(
  meta: EntityMetadata,
  option: AutomaticOption,
): [property: EntityProperty, value: unknown][] {
  return meta.props
    .filter((property) => property[option] !== undefined)
    .map((property) => [property, automaticValue(property, option)]);
}

function automaticValue(property: EntityProperty, option: AutomaticOption): unknown {
  const value: unknown = (property[option] as () => unknown)();
  if (value instanceof Date) return textOf(value, property);
  if (typeof value === 'bigint') return String(value);
  if (isRaw(value) || value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  throw new TypeError('makes what is no text, number, Boolean, Date or SQL');
}

/** A moment as the API has it for the column: in UTC, with the digits of a second that the column holds. */
function textOf(date: Date, property: EntityProperty): string {
  const { name, numbers: [digits = 0] = [] } = mysqlTypeOf(property) ?? { name: '' };
  const [day = '', time = ''] = date.toISOString().replace('Z', '').split('T');
  const cut = digits === 0 ? time.slice(0, 8) : time.slice(0, 9 + Math.min(digits, 3));
  if (name === 'date') return day;
  if (name === 'time') return cut;
  if (name === 'year') return day.slice(0, 4);
  return `${day}T${cut}${name === 'timestamp' ? 'Z' : ''}`;
}
