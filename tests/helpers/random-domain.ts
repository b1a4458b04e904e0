import type { EntityMetadata, EntityProperty, MetadataStorage } from '@mikro-orm/core';
import fc from 'fast-check';
import { type EntityField, fieldsOf } from '../../src/column-types/entity-fields.ts';
import { scalarOf } from '../../src/column-types/scalar-of.ts';
import { tableOf } from '../../src/entities/table.ts';
import { findLinks, linkOf } from '../../src/reads/link.ts';
import { isToMany } from '../../src/reads/properties.ts';
import { compareValues, type Relations, type Row } from './oracle.ts';

// Random rows of any entities, and random questions about them: both follow from the entities' fields.

/** An entity, as questions see it. */
export interface DomainTable {
  readonly name: string;
  readonly many: string;
  readonly meta: EntityMetadata;
  readonly columns: readonly EntityField[];
  readonly relations: readonly EntityField[];
}

export interface Domain {
  readonly tables: readonly DomainTable[];
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly relations: Relations;
  /** Statements that write the rows, without a look at foreign keys. */
  readonly inserts: readonly (readonly [sql: string, values: readonly unknown[]])[];
  tableOf(row: Row): DomainTable;
}

// Few letters, so that questions hit; with what LIKE, JSON and SQL might trip over, and with cases and accents.
const text = fc.string({
  unit: fc.constantFrom('a', 'A', 'á', 'b', 'z', '%', '_', '\\', "'", '😀'),
  minLength: 1,
  maxLength: 4,
});
const day = fc.integer({ min: 1, max: 20 }).map((n) => `2020-01-${String(n).padStart(2, '0')}`);
const byType: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  String: text,
  Int: fc.integer({ min: 0, max: 130 }),
  Decimal: fc.integer({ min: 0, max: 999 }).map((n) => (n / 100).toFixed(2)),
  Boolean: fc.boolean(),
  LocalDate: day,
  DateTime: day.map((date) => `${date}T08:00:00Z`),
  LocalDateTime: day.map((date) => `${date}T08:00:00`),
};

/** Values of a column, as variables have them; null for one that questions leave alone. */
function valuesOf({ kind, type, name, declared }: EntityField): fc.Arbitrary<unknown> | null {
  const items = Object.keys(type());
  if (kind === 'enum') return fc.constantFrom(...items);
  if (kind === 'enums') return fc.subarray(items);
  if (name === 'key') return fc.integer({ min: 0, max: 40 });
  if (declared?.name === 'year') return fc.integer({ min: 1990, max: 2009 });
  return byType[scalarOf(type())?.name ?? ''] ?? null;
}

const comparisons = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'];
function operatorsOf({ kind, type }: EntityField): readonly string[] {
  const scalar = scalarOf(type())?.name;
  if (kind === 'enum' || scalar === 'Boolean') return ['eq', 'ne'];
  return scalar === 'String' ? [...comparisons, 'contains', 'startsWith', 'endsWith'] : comparisons;
}

/** Whether an entity maps a table between two others: to the ORM, each is one. */
const isMapped = (meta: EntityMetadata) => tableOf(meta.class as never) !== undefined;

/** @param count rows a table */
export function randomDomain(metadata: MetadataStorage, count: number, seed: number): Domain {
  findLinks(metadata);
  const tables = [...metadata.getAll().values()].flatMap((meta): DomainTable[] => {
    const table = meta.abstract || meta.class === undefined ? undefined : tableOf(meta.class as never);
    if (table === undefined) return [];
    const fields = fieldsOf(meta.class as never);
    return [
      {
        name: meta.className,
        many: table.many,
        meta: meta as EntityMetadata,
        columns: fields.filter(
          (field) => field.kind !== 'one' && field.kind !== 'many' && valuesOf(field) !== null,
        ),
        relations: fields.filter(({ kind }) => kind === 'one' || kind === 'many'),
      },
    ];
  });
  const at = (name: string) => tables.find((table) => table.name === name) as DomainTable;
  const propertyOf = (table: DomainTable, name: string) =>
    table.meta.properties[name as never] as unknown as EntityProperty;
  const keys = Array.from({ length: count }, (_, index) => index + 1);
  const [seeds] = fc.sample(fc.infiniteStream(fc.nat()), { seed, numRuns: 1 });
  const pick = () => seeds?.next().value as number;
  const of = new WeakMap<Row, DomainTable>();
  const rows = new Map<string, Row[]>();
  const inserts: [string, unknown[]][] = [];
  for (const table of tables) {
    const list: Row[] = [];
    const columns = table.columns.filter((field) => propertyOf(table, field.name).generated === undefined);
    const toOne = table.relations
      .map(({ name }) => propertyOf(table, name))
      .filter((property) => !isToMany(property) && property.mappedBy === undefined);
    const order = keys.toSorted(() => (pick() % 2) - 0.5);
    for (const key of keys) {
      const row: Record<string, unknown> = { key };
      for (const field of columns.filter(({ name }) => name !== 'key')) {
        const values = valuesOf(field) as fc.Arbitrary<unknown>;
        const isNull = field.nullable && pick() % 3 === 0;
        row[field.name] = isNull ? null : fc.sample(values, { seed: pick(), numRuns: 1 })[0];
      }
      for (const { name, nullable, kind } of toOne) {
        const isNull = nullable === true && pick() % 3 === 0;
        const isSide = table.meta.pivotTable === true && name === toOne[0]?.name;
        row[name] = isNull ? null : isSide ? key : kind === '1:1' ? order[key - 1] : keys[pick() % count];
      }
      if ('length' in row && table.name === 'Film') {
        row.hours = row.length === null ? null : Math.floor((row.length as number) / 60);
      }
      list.push(row);
      of.set(row, table);
      const given = [...columns.map(({ name }) => name), ...toOne.map(({ name }) => name)];
      const names = given.map((name) => `\`${propertyOf(table, name).fieldNames[0]}\``);
      const values = given.map((name) => toSql(table, name, row[name]));
      inserts.push([
        `insert into \`${table.meta.tableName}\` (${names.join(', ')}) values (${given.map(() => '?').join(', ')})`,
        values,
      ]);
    }
    rows.set(table.name, list);
  }
  const links = new Map<string, Set<string>>();
  for (const { meta } of tables) {
    for (const property of meta.relations) {
      if (property.kind !== 'm:n' || property.mappedBy !== undefined) continue;
      const link = linkOf(property);
      if (isMapped(link.meta)) continue;
      const [owner, target] = [link.owner, link.rows as string].map(
        (name) => link.meta.properties[name as never] as unknown as EntityProperty,
      );
      const pairs = new Set(
        Array.from({ length: count * 2 }, () => `${keys[pick() % count]} ${keys[pick() % count]}`),
      );
      links.set(link.meta.className, pairs);
      for (const pair of pairs) {
        inserts.push([
          `insert into \`${link.meta.tableName}\` (\`${owner?.fieldNames[0]}\`, \`${target?.fieldNames[0]}\`) values (?, ?)`,
          pair.split(' '),
        ]);
      }
    }
  }
  const none = new Map(
    tables.map((table) => {
      const row = Object.fromEntries([
        ...table.columns.map(({ name }) => [name, null]),
        ['key', null],
      ]) as Row;
      of.set(row, table);
      return [table.name, row];
    }),
  );
  const relations: Relations = (row, field) => {
    const table = of.get(row) as DomainTable;
    if (!table.relations.some(({ name }) => name === field)) return undefined;
    const property = propertyOf(table, field);
    const target = property.targetMeta?.className as string;
    const all = rows.get(target) as Row[];
    if (!isToMany(property)) {
      const found =
        property.mappedBy === undefined
          ? all.find(({ key }) => key === row[field])
          : all.find((other) => row.key !== null && other[property.mappedBy] === row.key);
      return found ?? (none.get(target) as Row);
    }
    if (property.kind !== 'm:n')
      return all.filter((other) => row.key !== null && other[property.mappedBy] === row.key);
    const link = linkOf(property);
    const isOwner = property.mappedBy === undefined;
    if (!isMapped(link.meta)) {
      const pairs = links.get(link.meta.className) as Set<string>;
      return all.filter(({ key }) => pairs.has(isOwner ? `${row.key} ${key}` : `${key} ${row.key}`));
    }
    const between = (rows.get(link.meta.className) as Row[]).filter((other) => other[link.owner] === row.key);
    // Once for each row of the table between.
    return between.map((other) => all.find(({ key }) => key === other[link.rows as string]) as Row);
  };
  return { tables, rows, relations, inserts, tableOf: (row) => of.get(row) ?? at('') };
}

function toSql(table: DomainTable, name: string, value: unknown): unknown {
  const field = table.columns.find((each) => each.name === name);
  if (value === null || field === undefined) return value;
  const items = field.type() as Record<string, string>;
  if (field.kind === 'enum') return items[value as string];
  if (field.kind === 'enums') return (value as string[]).map((item) => items[item]).join(',');
  return typeof value === 'string' && /^2020-.*T/.test(value)
    ? value.replace('T', ' ').replace('Z', '')
    : value;
}

/** A random filter of a table. */
export function randomWhere(domain: Domain, table: DomainTable, depth = 3): fc.Arbitrary<Row> {
  const conditions = table.columns.map((field) => {
    const values = valuesOf(field) as fc.Arbitrary<unknown>;
    const isNull = fc.boolean().map((value) => ({ isNull: value }));
    if (field.kind === 'enums') {
      const has = fc.constantFrom(...Object.keys(field.type())).map((item) => ({ has: item }));
      return fc.oneof(has, isNull).map((condition) => ({ [field.name]: condition }));
    }
    const one = fc
      .tuple(fc.constantFrom(...operatorsOf(field)), values)
      .map(([operator, value]) => ({ [operator]: value }));
    const list = fc
      .tuple(fc.constantFrom('in', 'notIn'), fc.array(values, { maxLength: 4 }))
      .map(([operator, value]) => ({ [operator]: value }));
    // A Boolean can have neither.
    const isFlag = scalarOf(field.type())?.name === 'Boolean';
    const condition = isFlag ? fc.oneof(one, isNull) : fc.oneof({ weight: 3, arbitrary: one }, list, isNull);
    return condition.map((each) => ({ [field.name]: each }) as Row);
  });
  const own = fc.oneof(...conditions);
  if (depth === 0) return own;
  const deeper = () => randomWhere(domain, table, depth - 1);
  const related = table.relations.map((field) => {
    const target = domain.tables.find(
      ({ name }) => name === (field.type() as { name: string }).name,
    ) as DomainTable;
    const inner = fc.constant(null).chain(() => randomWhere(domain, target, depth - 1));
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
  return fc.oneof(
    { weight: 4, arbitrary: own },
    ...related,
    fc
      .constant(null)
      .chain(() => fc.array(deeper(), { maxLength: 3 }))
      .map((and) => ({ and })),
    fc
      .constant(null)
      .chain(() => fc.array(deeper(), { maxLength: 3 }))
      .map((or) => ({ or })),
    fc
      .constant(null)
      .chain(deeper)
      .map((not) => ({ not })),
  );
}

/** A step of an order as its path and its direction. */
export type RandomStep = readonly [path: readonly string[], to: 'ASC' | 'DESC'];

/** Random orders by columns, by those of related rows, and by counts. */
export function randomOrder(domain: Domain, table: DomainTable): fc.Arbitrary<readonly RandomStep[]> {
  const paths = (from: DomainTable, depth: number): string[][] => [
    ...from.columns.map(({ name }) => [name]),
    ...from.relations.flatMap((field) => {
      if (field.kind === 'many') return [[field.name, 'count']];
      const target = domain.tables.find(
        ({ name }) => name === (field.type() as { name: string }).name,
      ) as DomainTable;
      return depth === 0 ? [] : paths(target, depth - 1).map((path) => [field.name, ...path]);
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
  const valueAt = (row: Row, [name = '', ...inner]: readonly string[]): unknown => {
    const related = domain.relations(row, name);
    if (Array.isArray(related)) return related.length;
    if (related !== undefined) return valueAt(related as Row, inner);
    const field = domain.tableOf(row).columns.find((each) => each.name === name);
    const value = row[name] ?? null;
    if (value === null || (field?.kind !== 'enum' && field?.kind !== 'enums')) return value;
    const items = Object.keys(field.type());
    if (field.kind === 'enum') return items.indexOf(value as string);
    return (value as string[]).reduce((bits, item) => bits + 2 ** items.indexOf(item), 0);
  };
  // A second step of one column decides nothing.
  const own = steps.filter(([path], at) => steps.findIndex(([other]) => other.join() === path.join()) === at);
  const all: RandomStep[] = [...own, [['key'], own.at(-1)?.[1] ?? 'ASC']];
  return rows.toSorted((a, b) => {
    for (const [path, to] of all) {
      const order = compareValues(valueAt(a, path), valueAt(b, path));
      if (order !== 0) return to === 'ASC' ? order : -order;
    }
    return 0;
  });
}
