import type { EntityMetadata, EntityProperty, MetadataStorage } from '@mikro-orm/core';
import fc from 'fast-check';
import { type EntityField, fieldsOf } from '../../src/column-types/entity-fields.ts';
import { scalarOf } from '../../src/column-types/scalar-of.ts';
import { tableOf } from '../../src/entities/table.ts';
import { findLinks, linkOf } from '../../src/reads/link.ts';
import { isToMany } from '../../src/reads/properties.ts';

// Random rows of entities with numbered keys, as statements that write them without a look at foreign keys.

interface DomainTable {
  readonly name: string;
  readonly meta: EntityMetadata;
  readonly columns: readonly EntityField[];
  readonly relations: readonly EntityField[];
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

/** Whether an entity maps a table between two others: to the ORM, each is one. */
const isMapped = (meta: EntityMetadata) => tableOf(meta.class as never) !== undefined;

/** @param count rows a table */
export function randomInserts(
  metadata: MetadataStorage,
  count: number,
  seed: number,
): readonly (readonly [sql: string, values: readonly unknown[]])[] {
  findLinks(metadata);
  const tables = [...metadata.getAll().values()].flatMap((meta): DomainTable[] => {
    const table = meta.abstract || meta.class === undefined ? undefined : tableOf(meta.class as never);
    if (table === undefined) return [];
    const fields = fieldsOf(meta.class as never);
    return [
      {
        name: meta.className,
        meta: meta as EntityMetadata,
        columns: fields.filter(
          (field) => field.kind !== 'one' && field.kind !== 'many' && valuesOf(field) !== null,
        ),
        relations: fields.filter(({ kind }) => kind === 'one' || kind === 'many'),
      },
    ];
  });
  const propertyOf = (table: DomainTable, name: string) =>
    table.meta.properties[name as never] as unknown as EntityProperty;
  const keys = Array.from({ length: count }, (_, index) => index + 1);
  const [seeds] = fc.sample(fc.infiniteStream(fc.nat()), { seed, numRuns: 1 });
  const pick = () => seeds?.next().value as number;
  const inserts: [string, unknown[]][] = [];
  for (const table of tables) {
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
      const given = [...columns.map(({ name }) => name), ...toOne.map(({ name }) => name)];
      const names = given.map((name) => `\`${propertyOf(table, name).fieldNames[0]}\``);
      const values = given.map((name) => toSql(table, name, row[name]));
      inserts.push([
        `insert into \`${table.meta.tableName}\` (${names.join(', ')}) values (${given.map(() => '?').join(', ')})`,
        values,
      ]);
    }
  }
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
      for (const pair of pairs) {
        inserts.push([
          `insert into \`${link.meta.tableName}\` (\`${owner?.fieldNames[0]}\`, \`${target?.fieldNames[0]}\`) values (?, ?)`,
          pair.split(' '),
        ]);
      }
    }
  }
  return inserts;
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
