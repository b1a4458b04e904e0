import type { EntityMetadata, EntityProperty, MetadataStorage } from '@mikro-orm/core';
import fc from 'fast-check';
import { type EntityField, fieldsOf } from '../../src/column-types/entity-fields.ts';
import { mysqlTypeOf } from '../../src/column-types/mysql-type.ts';
import { type TableKey, tableKeyOf } from '../../src/column-types/table-key.ts';
import { type TableNames, tableOf } from '../../src/entities/table.ts';
import { isToMany } from '../../src/reads/entity-properties.ts';
import { findLinks, linkOf } from '../../src/reads/link.ts';
import { type ColumnValues, columnValuesOf } from './domain-values.ts';
import type { Compare, ComparesOf, Relations, Row } from './filter-oracle.ts';

// Random rows of any entities, in memory: what they are follows from the entities' fields. A relation is found by the columns of its
// foreign key, apart from how src/reads does it.

/** A column that questions can ask of. */
export interface DomainColumn extends ColumnValues {
  readonly field: EntityField;
  readonly property: EntityProperty;
}

/** An entity, as questions see it. */
export interface DomainTable extends TableNames {
  readonly name: string;
  readonly meta: EntityMetadata;
  readonly key: TableKey;
  readonly columns: readonly DomainColumn[];
  readonly relations: readonly EntityField[];
}

export interface Domain {
  readonly tables: readonly DomainTable[];
  /** The rows of each table that can be seen. */
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly relations: Relations;
  readonly comparesOf: ComparesOf;
  /** Those that are written, also those that are then deleted. */
  readonly written: ReadonlyMap<string, readonly Row[]>;
  readonly deleted: readonly Row[];
  tableOf(row: Row): DomainTable;
  /** The columns of a row's key, each with the order of its values. */
  keyOf(row: Row): readonly (readonly [value: unknown, compares: Compare])[];
  /** The value of a column of SQL. */
  valueIn(row: Row, column: string): unknown;
}

export interface DomainOptions {
  /** Rows a table, fewer where their keys would be equal. */
  readonly count: number;
  readonly seed: number;
  /** Other values of a column than few that questions hit. */
  readonly valuesOf?: (field: EntityField, property: EntityProperty) => fc.Arbitrary<unknown>;
  /** Columns that the database computes, by table and name. */
  readonly computed?: Readonly<Record<string, (row: Row) => unknown>>;
  /** Views, by the rows of the tables that they are of. */
  readonly views?: Readonly<Record<string, (rows: ReadonlyMap<string, readonly Row[]>) => readonly Row[]>>;
}

export const tableNamed = (domain: Domain, name: string) =>
  domain.tables.find((table) => table.name === name) as DomainTable;

/** The table of the rows that a relation's field leads to. */
export const targetOf = (domain: Domain, { type }: EntityField) =>
  tableNamed(domain, (type() as { readonly name: string }).name);

const propertyOf = (meta: EntityMetadata, name: string) =>
  meta.properties[name as never] as unknown as EntityProperty;

/** Whether a relation has its foreign key in the row itself. */
export const isOwning = (property: EntityProperty) => !isToMany(property) && property.mappedBy === undefined;

/** The columns of a foreign key, each with the column that it refers to. */
const joinOf = ({ joinColumns, referencedColumnNames }: EntityProperty) =>
  joinColumns.map((column, at) => [column, referencedColumnNames[at] as string] as const);

type Entities = readonly (abstract new (...args: never[]) => object)[];

/** The tables of entities, in their order: parents first. */
function tablesOf(metadata: MetadataStorage, entities: Entities): DomainTable[] {
  return entities.flatMap((entity): DomainTable[] => {
    const meta = metadata.get(entity as never);
    const names = tableOf(entity);
    if (names === undefined) return [];
    const fields = fieldsOf(meta.class as never);
    const columns = fields
      .filter(({ kind }) => kind !== 'one' && kind !== 'many')
      .map((field) => {
        const property = propertyOf(meta as EntityMetadata, field.name);
        return { field, property, ...columnValuesOf(field, property) };
      });
    const relations = fields.filter(({ kind }) => kind === 'one' || kind === 'many');
    const key = tableKeyOf(meta.class as never);
    return [{ ...names, name: meta.className, meta: meta as EntityMetadata, key, columns, relations }];
  });
}

/** Texts that a collation can take for equal are one. */
const folded = (value: unknown) =>
  typeof value === 'string' ? value.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase() : value;

export function randomDomain(
  metadata: MetadataStorage,
  entities: Entities,
  { count, seed, valuesOf, computed = {}, views = {} }: DomainOptions,
): Domain {
  findLinks(metadata);
  const tables = tablesOf(metadata, entities);
  const [numbers] = fc.sample(fc.infiniteStream(fc.nat()), { seed, numRuns: 1 });
  const below = (most: number) => (numbers?.next().value as number) % most;
  const pick = <T>(list: readonly T[]) => list[below(list.length)] as T;

  const of = new WeakMap<Row, DomainTable>();
  const columnsOf = new WeakMap<Row, Map<string, unknown>>();
  const written = new Map<string, Row[]>();
  const valueIn = (row: Row, column: string) => columnsOf.get(row)?.get(column) ?? null;

  const sampled = (field: EntityField, property: EntityProperty, values: fc.Arbitrary<unknown>) =>
    fc.sample(valuesOf?.(field, property) ?? values, { seed: below(2 ** 30), numRuns: 1 })[0];

  /** Chooses the row that a relation of a row leads to, among those that fit what its columns hold; false where none does. */
  function refer(columns: Map<string, unknown>, property: EntityProperty, own: readonly Row[]): boolean {
    const join = joinOf(property);
    const rows = written.get((property.targetMeta as EntityMetadata).className) ?? own;
    const fitting = rows
      .filter((row) =>
        join.every(([column, to]) => (columns.get(column) ?? valueIn(row, to)) === valueIn(row, to)),
      )
      .filter(
        (row) =>
          property.kind !== '1:1' ||
          !own.some((other) => join.every(([column, to]) => valueIn(other, column) === valueIn(row, to))),
      );
    const row = fitting.length === 0 || (property.nullable === true && below(3) === 0) ? null : pick(fitting);
    if (row === null && property.nullable !== true) return false;
    for (const [column, to] of join) {
      if (row !== null) columns.set(column, valueIn(row, to));
      else if (!columns.has(column)) columns.set(column, null);
    }
    return true;
  }

  function randomRow(table: DomainTable, own: readonly Row[], at: number): Row | undefined {
    const { meta, name } = table;
    const columns = new Map<string, unknown>();
    const row: Record<string, unknown> = {};
    const owning = meta.relations.filter(isOwning);
    const rank = (each: EntityProperty) => (each.primary ? 0 : each.nullable ? 2 : 1);
    for (const property of owning.toSorted((a, b) => rank(a) - rank(b))) {
      // One that refers to a table that is made later is chosen then.
      const isLater =
        property.targetMeta?.className !== meta.className &&
        !written.has(property.targetMeta?.className ?? '');
      if (!isLater && !refer(columns, property, own)) return undefined;
    }
    for (const { field, property, values } of table.columns) {
      if (computed[`${name}.${field.name}`] !== undefined) continue;
      const isNumbered = table.key.numbered === field.name;
      const isNull = field.nullable && below(3) === 0;
      const number = mysqlTypeOf(property)?.name === 'bigint' ? String(at + 1) : at + 1;
      row[field.name] = isNumbered ? number : isNull ? null : sampled(field, property, values);
    }
    for (const { field } of table.columns) {
      const compute = computed[`${name}.${field.name}`];
      if (compute !== undefined) row[field.name] = compute(row);
    }
    for (const { field, property } of table.columns) {
      columns.set(property.fieldNames[0] as string, row[field.name]);
    }
    of.set(row, table);
    columnsOf.set(row, columns);
    return isUnique(table, row, own) ? row : undefined;
  }

  function isUnique({ meta, columns }: DomainTable, row: Row, others: readonly Row[]): boolean {
    const primary = meta.getPrimaryProps().flatMap(({ fieldNames }) => fieldNames);
    const keys = columns.filter(({ property }) => property.unique).map(({ property }) => property.fieldNames);
    const folds = (each: Row, names: readonly string[]) => names.map((name) => folded(valueIn(each, name)));
    return [...(primary.length > 0 ? [primary] : []), ...keys].every((names) => {
      const own = folds(row, names);
      return (
        own.includes(null) ||
        !others.some((other) => folds(other, names).every((value, at) => value === own[at]))
      );
    });
  }

  for (const table of tables.filter(({ meta }) => !meta.view)) {
    const list: Row[] = [];
    for (let at = 0; at < count; at += 1) {
      const row = Array.from({ length: 20 }).reduce<Row | undefined>(
        (found) => found ?? randomRow(table, list, list.length),
        undefined,
      );
      if (row !== undefined) list.push(row);
    }
    written.set(table.name, list);
  }
  for (const { name, meta } of tables) {
    for (const property of meta.relations.filter(isOwning)) {
      const list = written.get(name) ?? [];
      for (const row of list) {
        const columns = columnsOf.get(row) as Map<string, unknown>;
        if (!joinOf(property).every(([column]) => columns.has(column))) refer(columns, property, list);
      }
    }
  }
  const deleted = tables
    .filter(({ softDelete }) => softDelete !== undefined)
    .flatMap(({ name }) => (written.get(name) as Row[]).filter((_, at) => at % 5 === 4));
  const hidden = new Set(deleted);
  const rows = new Map([...written].map(([name, list]) => [name, list.filter((row) => !hidden.has(row))]));
  for (const [name, rowsOf] of Object.entries(views)) {
    const table = tables.find((each) => each.name === name) as DomainTable;
    const list = rowsOf(rows).map((row) => ({ ...row }));
    for (const row of list) {
      of.set(row, table);
      columnsOf.set(
        row,
        new Map(
          table.columns.map(({ field, property }) => [property.fieldNames[0] as string, row[field.name]]),
        ),
      );
    }
    rows.set(name, list);
  }

  const links = new Map<string, [owner: Row, row: Row][]>();
  /** The pairs of a table between that no entity maps. */
  function pairsOf(property: EntityProperty, owners: string): [owner: Row, row: Row][] {
    const { className } = linkOf(property).meta;
    let pairs = links.get(className);
    if (pairs === undefined) {
      const [from, to] = [
        written.get(owners) as Row[],
        written.get(property.targetMeta?.className ?? '') as Row[],
      ];
      const found = new Map<string, [Row, Row]>();
      for (let at = 0; at < 2 * count; at += 1) {
        const [owner, row] = [below(from.length), below(to.length)];
        found.set(`${owner} ${row}`, [from[owner] as Row, to[row] as Row]);
      }
      pairs = [...found.values()];
      links.set(className, pairs);
    }
    return pairs;
  }
  for (const { name, meta } of tables) {
    for (const property of meta.relations) {
      const isMapped = property.kind === 'm:n' && tableOf(linkOf(property).meta.class as never) !== undefined;
      if (property.kind === 'm:n' && !isMapped && property.mappedBy === undefined) pairsOf(property, name);
    }
  }

  const none = new Map(
    tables.map((table) => {
      const row = Object.fromEntries(table.columns.map(({ field }) => [field.name, null])) as Row;
      of.set(row, table);
      columnsOf.set(row, new Map());
      return [table.name, row];
    }),
  );
  /** The rows whose columns hold what a foreign key's do. */
  const matching = (list: readonly Row[], pairs: readonly (readonly [own: unknown, column: string])[]) =>
    pairs.some(([own]) => own === null)
      ? []
      : list.filter((row) => pairs.every(([own, column]) => valueIn(row, column) === own));

  const relations: Relations = (row, name) => {
    const { meta, relations: fields } = of.get(row) as DomainTable;
    if (!fields.some((field) => field.name === name)) return undefined;
    const property = propertyOf(meta, name);
    const targetMeta = property.targetMeta as EntityMetadata;
    const all = rows.get(targetMeta.className) as Row[];
    const one = (found: readonly Row[]) => found[0] ?? (none.get(targetMeta.className) as Row);
    if (isOwning(property)) {
      return one(
        matching(
          all,
          joinOf(property).map(([column, to]) => [valueIn(row, column), to]),
        ),
      );
    }
    if (property.kind !== 'm:n') {
      const join = joinOf(propertyOf(targetMeta, property.mappedBy));
      const found = matching(
        all,
        join.map(([column, to]) => [valueIn(row, to), column]),
      );
      return property.kind === '1:1' ? one(found) : found;
    }
    const link = linkOf(property);
    if (tableOf(link.meta.class as never) === undefined) {
      const pairs = links.get(link.meta.className) as [Row, Row][];
      const isOwner = property.mappedBy === undefined;
      return pairs
        .filter((pair) => pair[isOwner ? 0 : 1] === row)
        .map((pair) => pair[isOwner ? 1 : 0])
        .filter((other) => !hidden.has(other));
    }
    // Once for each row of the table between.
    const own = joinOf(propertyOf(link.meta, link.owner));
    const other = joinOf(propertyOf(link.meta, link.rows as string));
    const between = matching(
      rows.get(link.meta.className) as Row[],
      own.map(([column, to]) => [valueIn(row, to), column]),
    );
    return between.flatMap((each) =>
      matching(
        all,
        other.map(([column, to]) => [valueIn(each, column), to]),
      ),
    );
  };

  const columnNamed = (table: DomainTable, name: string) =>
    table.columns.find(({ field }) => field.name === name);
  /** The orders of the columns of a key, by their names in SQL. */
  function keyColumns(meta: EntityMetadata): [column: string, compares: Compare][] {
    const table = tables.find((each) => each.name === meta.className) as DomainTable;
    return meta.getPrimaryProps().flatMap((property): [string, Compare][] => {
      const column = columnNamed(table, property.name);
      if (column !== undefined) return [[property.fieldNames[0] as string, column.compares]];
      const target = new Map(keyColumns(property.targetMeta as EntityMetadata));
      return joinOf(property).map(([own, to]) => [own, target.get(to) as Compare]);
    });
  }
  const keys = new Map(
    tables.filter(({ isKeyless }) => !isKeyless).map((table) => [table, keyColumns(table.meta)]),
  );
  return {
    tables,
    rows,
    written,
    deleted,
    relations,
    valueIn,
    tableOf: (row) => of.get(row) as DomainTable,
    comparesOf: (row, name) => columnNamed(of.get(row) as DomainTable, name)?.compares as Compare,
    keyOf: (row) =>
      (keys.get(of.get(row) as DomainTable) ?? []).map(([column, compares]) => [
        valueIn(row, column),
        compares,
      ]),
  };
}
