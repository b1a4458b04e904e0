import type { EntityMetadata } from '@mikro-orm/core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { MedicalRecord } from '../../src/entities/medical-record.ts';
import { Patient } from '../../src/entities/patient.ts';
import { createValues } from '../../src/reads/bound-values.ts';
import { formedFilter } from '../../src/reads/filter-cache.ts';
import { toFilter, type Where } from '../../src/reads/filter-to-condition.ts';
import { findLinks } from '../../src/reads/link.ts';
import { Budget } from '../../src/reads/operation-budget.ts';
import { toOrder } from '../../src/reads/order.ts';
import { costOfPage, costOfWhole } from '../../src/reads/read-cost.ts';
import { entityMetadata } from '../helpers/metadata.ts';

let meta: EntityMetadata;
let patients: EntityMetadata;

beforeAll(async () => {
  const metadata = await entityMetadata();
  findLinks(metadata);
  patients = metadata.get(Patient as never) as never;
  meta = metadata.get(MedicalRecord as never) as never;
});

/** What a filter becomes, what it takes of an operation, and what its rows cost; or why it is refused. */
function outcomeOf(
  make: (values: ReturnType<typeof createValues>, budget: Budget) => ReturnType<typeof toFilter>,
) {
  const [values, budget] = [createValues(), new Budget()];
  try {
    const filter = make(values, budget);
    const asked = { filter, values: values.list };
    const costs = ['ASC', 'DESC'].flatMap((direction) =>
      [false, true].map((fromCursor) =>
        costOfPage(meta, asked, {
          order: toOrder(meta, [{ admissionDate: direction as 'ASC' }]),
          fromCursor,
        }),
      ),
    );
    return { filter, values: values.list, size: budget.filterSize, costs, whole: costOfWhole(meta, asked) };
  } catch (error) {
    return { refused: String(error) };
  }
}

const formed = (where: Where) => outcomeOf((values, budget) => formedFilter(meta, where, values, budget));
const direct = (where: Where) => outcomeOf((values, budget) => toFilter(meta, where, values.bind, budget));

const text = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('', '%', 'a%', '_', '!', 'Zoë', 'b') },
  { weight: 1, arbitrary: fc.constantFrom(null, 'a'.repeat(3000)) },
);
const date = fc.constantFrom('2020-01-01', '1999-12-31');
/** One or two of some fields. */
const someOf = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Where> =>
  fc
    .subarray(Object.keys(fields), { minLength: 1, maxLength: 2 })
    .chain(
      (names) =>
        fc.record(
          Object.fromEntries(names.map((name) => [name, fields[name] as fc.Arbitrary<unknown>])),
        ) as never,
    );
const ofText = ['eq', 'ne', 'gt', 'eqExact', 'startsWith', 'contains', 'endsWith'];
const texts = someOf({
  ...Object.fromEntries(ofText.map((operator) => [operator, text])),
  in: fc.array(text, { maxLength: 3 }),
  isNull: fc.boolean(),
});
const dates = someOf({ eq: date, lt: date, gte: date, isNull: fc.boolean() });
const count = fc.record({ count: someOf({ eq: fc.nat(3), gt: fc.nat(3) }) });

function whereOf(depth: number): fc.Arbitrary<Where> {
  const columns = { diagnosis: texts, treatment: texts, admissionDate: dates };
  if (depth === 0) return someOf(columns);
  const inner = whereOf(depth - 1);
  return someOf({
    ...columns,
    patient: someOf({
      lastName: texts,
      records: fc.oneof(count, someOf({ some: inner, none: inner, every: inner })),
    }),
    and: fc.array(inner, { maxLength: 2 }),
    or: fc.array(inner, { maxLength: 2 }),
    not: inner,
  });
}

/** The same filter with other values. */
function otherValues(part: unknown): unknown {
  if (typeof part === 'string') return part === '' || /^\d{4}-/.test(part) ? part : `b${part.slice(0, 20)}`;
  if (typeof part === 'number') return part + 1;
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(otherValues);
  return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, otherValues(inner)]));
}

it('makes of each filter what is made of it without a form, and refuses the same', () => {
  fc.assert(
    fc.property(whereOf(2), (first) => {
      const second = otherValues(first) as Where;
      expect(formed(first)).toEqual(direct(first));
      // The form is there by now.
      expect(formed(second)).toEqual(direct(second));
      expect(formed(first)).toEqual(direct(first));
    }),
    { numRuns: process.env.TANDEM_LONG ? 5000 : 200 },
  );
});

it('makes the condition of filters that differ in their values once', () => {
  const filterOf = (where: Where) => formedFilter(meta, where, createValues(), new Budget());
  const one = filterOf({ diagnosis: { startsWith: 'a' }, admissionDate: { gt: '2020-01-01' } });
  expect(filterOf({ diagnosis: { startsWith: 'b' }, admissionDate: { gt: '2021-01-01' } })).toBe(one);
  expect(filterOf({ diagnosis: { endsWith: 'b' }, admissionDate: { gt: '2021-01-01' } })).not.toBe(one);
});

it('looks at the values of each filter whose form is known', () => {
  const asked = (prefix: string) => formed({ treatment: { eq: 'x' }, diagnosis: { startsWith: prefix } });
  expect(asked('a')).not.toHaveProperty('refused');
  expect(asked('a'.repeat(10_000))).toHaveProperty('refused');
});

it('knows no form of a value that is an object, which its type alone understands', () => {
  const filterOf = () => formedFilter(meta, { diagnosis: { in: ['a', 'b'] } }, createValues(), new Budget());
  expect(filterOf()).not.toBe(filterOf());
});

it('asks a price for a prefix that is empty, also where the same filter was free before', () => {
  const costOf = (prefix: string) => {
    const values = createValues();
    const filter = formedFilter(patients, { lastName: { startsWith: prefix } }, values, new Budget());
    return costOfPage(
      patients,
      { filter, values: values.list },
      { order: toOrder(patients, [{ lastName: 'ASC' }, { firstName: 'ASC' }]) },
    );
  };
  expect(costOf('a')).toBe(0);
  expect(costOf('')).toBeGreaterThan(0);
  expect(costOf('b')).toBe(0);
});
