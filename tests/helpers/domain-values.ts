import type { EntityProperty } from '@mikro-orm/core';
import fc from 'fast-check';
import { capabilitiesOf } from '../../src/column-types/column-types.ts';
import type { EntityField } from '../../src/column-types/entity-fields.ts';
import { mysqlTypeOf } from '../../src/column-types/mysql-type.ts';
import { scalarOf } from '../../src/column-types/scalar-of.ts';
import type { Compare } from './filter-oracle.ts';

/** What random rows and questions know of a column. */
export interface ColumnValues {
  /** Values as variables have them. */
  readonly values: fc.Arbitrary<unknown>;
  readonly compares: Compare;
  /** Those that questions use of it. */
  readonly operators: readonly string[];
  readonly orders: boolean;
}

// Few letters, so that questions hit; with what LIKE, JSON and SQL might trip over, and with cases and accents.
const letters = ['a', 'A', 'á', 'b', 'z', '%', '_', '\\', "'", '😀'];
const text = (most: number) =>
  fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: Math.min(most, 4) });

const collated = (sensitivity: 'base' | 'variant'): Compare => {
  const { compare } = new Intl.Collator('und', { sensitivity, ignorePunctuation: false });
  return (a, b) => compare(String(a), String(b));
};
const byNumber: Compare = (a, b) => Number(a) - Number(b);
const byLetters: Compare = (a, b) => ((a as string) < (b as string) ? -1 : Number(a !== b));
const byBytes: Compare = (a, b) =>
  Buffer.compare(Buffer.from(a as string, 'base64'), Buffer.from(b as string, 'base64'));
const byMinutes: Compare = (a, b) =>
  Number(/-?\d+/.exec((a as string).replace('-PT', '-'))?.[0]) -
  Number(/-?\d+/.exec((b as string).replace('-PT', '-'))?.[0]);

/** A number in the brackets of a column's type. */
const digitsOf = (property: EntityProperty, at = 0) => mysqlTypeOf(property)?.numbers[at] ?? 0;
/** As many digits of a second as the column has: values are in the form in which the API answers. */
const fraction = (property: EntityProperty) =>
  digitsOf(property) === 0 ? '' : `.${'0'.repeat(digitsOf(property))}`;
const two = (n: number) => String(n).padStart(2, '0');
const day = fc.integer({ min: 1, max: 20 }).map((n) => `2020-01-${two(n)}`);
const base64 = (least: number, most: number, bits = 8) =>
  fc
    .array(fc.constantFrom(0, 1, 39, 92, 255), { minLength: least, maxLength: Math.min(most, least + 2) })
    .map((bytes) => bytes.map((byte, at) => (at === 0 ? byte % 2 ** bits : byte)))
    .map((bytes) => Buffer.from(bytes).toString('base64'));

const anyText = collated('base');
const exactText = collated('variant');

/** Values and orders of each scalar; the type of the column says how long they are. */
const byScalar: Readonly<
  Record<string, (property: EntityProperty) => readonly [fc.Arbitrary<unknown>, Compare]>
> = {
  String: (property) => [
    text(mysqlTypeOf(property)?.numbers[0] ?? 255),
    property.collation?.endsWith('_as_cs') === true ? exactText : anyText,
  ],
  Int: (property) => [
    mysqlTypeOf(property)?.name === 'year' ? fc.integer({ min: 1990, max: 2009 }) : fc.nat(120),
    byNumber,
  ],
  SafeInt: () => [fc.nat(4).map((n) => n * 1_000_000_000), byNumber],
  BigInt: () => [fc.nat(20).map(String), byNumber],
  Decimal: (property) => [
    fc
      .nat(999)
      .map((n) => (n / 100).toFixed(2).padEnd((n / 100).toFixed(2).length + digitsOf(property, 1) - 2, '0')),
    byNumber,
  ],
  Float: () => [fc.integer({ min: -20, max: 20 }).map((n) => n / 8), byNumber],
  Boolean: () => [fc.boolean(), byNumber],
  LocalDate: () => [day, byLetters],
  LocalTime: () => [fc.nat(9).map((n) => `0${n}:30:00`), byLetters],
  Duration: () => [
    fc.integer({ min: -30, max: 30 }).map((n) => (n === 0 ? 'PT0S' : `${n < 0 ? '-' : ''}PT${Math.abs(n)}M`)),
    byMinutes,
  ],
  LocalDateTime: (property) => [day.map((date) => `${date}T08:00:00${fraction(property)}`), byLetters],
  DateTime: (property) => [day.map((date) => `${date}T08:00:00${fraction(property)}Z`), byLetters],
  UUID: () => [
    fc.nat(400).map((n) => `${String(n).padStart(8, '0')}-0000-4000-8000-00000000000a`),
    byLetters,
  ],
  Base64(property) {
    const { name = '', numbers: [length = 1] = [] } = mysqlTypeOf(property) ?? {};
    if (name === 'bit')
      return [base64(Math.ceil(length / 8), Math.ceil(length / 8), ((length - 1) % 8) + 1), byBytes];
    return [name === 'binary' ? base64(length, length) : base64(0, 3), byBytes];
  },
  JSON: () => [fc.constantFrom<unknown>({ a: 1 }, [1, 'x'], 'x', 0, true), byLetters],
  GeoJSON: () => [
    fc.tuple(fc.nat(9), fc.nat(9)).map((coordinates) => ({ type: 'Point', coordinates })),
    byLetters,
  ],
};

export function columnValuesOf(field: EntityField, property: EntityProperty): ColumnValues {
  const { operators, orders } = capabilitiesOf(field);
  const items = Object.keys(field.type());
  if (field.kind === 'enum') {
    const compares: Compare = (a, b) => items.indexOf(a as string) - items.indexOf(b as string);
    return { values: fc.constantFrom(...items), compares, operators, orders };
  }
  if (field.kind === 'enums') {
    const bits = (set: unknown) =>
      (set as readonly string[]).reduce((sum, item) => sum + 2 ** items.indexOf(item), 0);
    return { values: fc.subarray(items), compares: (a, b) => bits(a) - bits(b), operators, orders };
  }
  const name = scalarOf(field.type())?.name ?? '';
  const found = byScalar[name]?.(property);
  if (found === undefined) throw new Error(`Questions know no values of ${field.name}, which is ${name}.`);
  const [values, compares] = found;
  // Documents are compared in column-types.test.ts.
  return { values, compares, operators: name === 'JSON' ? ['isNull'] : operators, orders };
}
