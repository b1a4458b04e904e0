import fc from 'fast-check';
import type { Row } from './filter-oracle.ts';
import { type Domain, type DomainColumn, type DomainTable, targetOf } from './random-domain.ts';

// Random questions about the rows of a domain, and the order of their answers.

const comparisons = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'];
const ofOne = [...comparisons, 'contains', 'startsWith', 'endsWith', 'eqExact'];

/** A condition of a column, by an operator that it has. */
function conditionOf({ field, values, operators }: DomainColumn): fc.Arbitrary<Row> {
  const named = (names: readonly string[]) => operators.filter((operator) => names.includes(operator));
  const by = (names: readonly string[], operand: fc.Arbitrary<unknown>) =>
    names.length === 0
      ? []
      : [fc.tuple(fc.constantFrom(...names), operand).map(([operator, value]) => ({ [operator]: value }))];
  const items = Object.keys(field.type());
  return fc
    .oneof(
      ...by(named(ofOne), values),
      ...by(named(ofOne), values),
      ...by(named(['in', 'notIn']), fc.array(values, { maxLength: 4 })),
      ...by(named(['has']), items.length === 0 ? fc.constant(null) : fc.constantFrom(...items)),
      fc.boolean().map((isNull) => ({ isNull })),
    )
    .map((condition) => ({ [field.name]: condition }));
}

/** A random filter of a table. */
export function randomWhere(domain: Domain, table: DomainTable, depth = 3): fc.Arbitrary<Row> {
  const own = fc.oneof(...table.columns.map(conditionOf));
  if (depth === 0) return own;
  const deeper = fc.constant(null).chain(() => randomWhere(domain, table, depth - 1));
  const related = table.relations.map((field) => {
    const inner = fc.constant(null).chain(() => randomWhere(domain, targetOf(domain, field), depth - 1));
    if (field.kind === 'one') return inner.map((where) => ({ [field.name]: where }) as Row);
    const count = fc
      .tuple(fc.constantFrom(...comparisons), fc.nat(4))
      .map(([operator, value]) => ({ count: { [operator]: value } }));
    const some = fc
      .tuple(fc.constantFrom('some', 'none', 'every'), inner)
      .map(([quantifier, where]) => ({ [quantifier]: where }));
    return fc
      .oneof({ weight: 3, arbitrary: some }, count)
      .map((condition) => ({ [field.name]: condition }) as Row);
  });
  const list = fc.array(deeper, { maxLength: 3 });
  return fc.oneof(
    { weight: 4, arbitrary: own },
    ...related,
    list.map((and) => ({ and })),
    list.map((or) => ({ or })),
    deeper.map((not) => ({ not })),
  );
}

/** A step of an order as its path and its direction. */
export type RandomStep = readonly [path: readonly string[], to: 'ASC' | 'DESC'];

/** Random orders by columns, by those of related rows, and by counts. */
export function randomOrder(domain: Domain, table: DomainTable): fc.Arbitrary<readonly RandomStep[]> {
  const paths = (from: DomainTable, depth: number): string[][] => [
    ...from.columns.filter(({ orders }) => orders).map(({ field }) => [field.name]),
    ...from.relations.flatMap((field) => {
      if (field.kind === 'many') return [[field.name, 'count']];
      return depth === 0
        ? []
        : paths(targetOf(domain, field), depth - 1).map((path) => [field.name, ...path]);
    }),
  ];
  const step = fc.tuple(
    fc.constantFrom(...paths(table, 2)),
    fc.constantFrom('ASC' as const, 'DESC' as const),
  );
  return fc.array(step, { maxLength: 3 });
}

export function toOrderBy(steps: readonly RandomStep[]): object[] {
  return steps.map(
    ([path, to]) => path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), to) as object,
  );
}

/** Rows in an order, and those that it leaves equal by key, in the direction of its last step. */
export function inOrder(domain: Domain, rows: readonly Row[], steps: readonly RandomStep[]): Row[] {
  const compareAt = (a: Row, b: Row, [name = '', ...inner]: readonly string[]): number => {
    const [toA, toB] = [domain.relations(a, name), domain.relations(b, name)];
    if (Array.isArray(toA)) return toA.length - (toB as readonly Row[]).length;
    if (toA !== undefined) return compareAt(toA as Row, toB as Row, inner);
    const [one, other] = [a[name] ?? null, b[name] ?? null];
    if (one === null || other === null) return Number(one !== null) - Number(other !== null);
    return domain.comparesOf(a, name)(one, other);
  };
  const compareKeys = (a: Row, b: Row) => {
    const other = domain.keyOf(b);
    const orders = domain.keyOf(a).map(([value, compares], at) => compares(value, other[at]?.[0]));
    return orders.find((order) => order !== 0) ?? 0;
  };
  const last = steps.findLast(
    ([path], at) => steps.findIndex(([other]) => other.join() === path.join()) === at,
  );
  return rows.toSorted((a, b) => {
    for (const [path, to] of steps) {
      const order = compareAt(a, b, path);
      if (order !== 0) return to === 'ASC' ? order : -order;
    }
    return last?.[1] === 'DESC' ? compareKeys(b, a) : compareKeys(a, b);
  });
}
