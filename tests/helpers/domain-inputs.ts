import type { EntityProperty } from '@mikro-orm/core';
import { scalarOf } from '../../src/column-types/scalar-of.ts';
import { type KeyColumn, toRowKey } from '../../src/column-types/table-key.ts';
import { tableOf } from '../../src/entities/table.ts';
import { isToMany } from '../../src/reads/entity-properties.ts';
import { globalId } from '../../src/reads/global-id.ts';
import { linkOf } from '../../src/reads/link.ts';
import type { SourceName } from '../../src/source-name.ts';
import type { Row } from './filter-oracle.ts';
import { type Domain, type DomainTable, isOwning, tableNamed } from './random-domain.ts';
import type { Answer } from './server.ts';

/** The key of a row as clients have it: `{ storeKey: "…", number: 3 }`. */
export function apiKeyOf(domain: Domain, row: Row): unknown {
  const { key } = domain.tableOf(row);
  const values = key.members.map(({ property, name, of }) => {
    const value =
      of === null ? row[property] : apiKeyOf(domain, writtenRelation(domain, row, property) as Row);
    return [name, value] as const;
  });
  return values.length === 1 ? values[0]?.[1] : Object.fromEntries(values);
}

/** The row's `id`: its key as the database has it, in which an ENUM has items. */
export function idOf(domain: Domain, row: Row, source: SourceName = 'AZURE'): string {
  const { key, name } = domain.tableOf(row);
  const values = domain.keyOf(row).map(([value], at) => {
    const { field } = key.columns[at] as KeyColumn;
    return field.kind === 'enum'
      ? (field.type() as Readonly<Record<string, unknown>>)[value as string]
      : value;
  });
  return globalId(source, name, toRowKey(key, values));
}

/** The columns that the API writes when a row is created. */
export function writtenColumns({ columns, key }: DomainTable) {
  return columns.filter(
    ({ field, property }) =>
      property.generated === undefined && property.extra !== 'invisible' && field.name !== key.numbered,
  );
}

/** The input that creates a row, but for its relations to rows of tables that come later. */
function inputOf(domain: Domain, row: Row): Row {
  const table = domain.tableOf(row);
  const relations = table.meta.relations
    .filter(isOwning)
    .filter((property) => !isLater(domain, table, property));
  return Object.fromEntries([
    ...writtenColumns(table).map(({ field }) => [field.name, row[field.name]]),
    ...relations.map(({ name }) => [`${name}Key`, keyOrNull(domain, row, name)]),
  ]);
}

const keyOrNull = (domain: Domain, row: Row, relation: string) => {
  const target = writtenRelation(domain, row, relation);
  return target === undefined ? null : apiKeyOf(domain, target);
};

/** The row that a foreign key refers to, whether it is hidden or not. */
function writtenRelation(domain: Domain, row: Row, relation: string): Row | undefined {
  const { meta } = domain.tableOf(row);
  const { joinColumns, referencedColumnNames, targetMeta } = meta.properties[
    relation as never
  ] as EntityProperty;
  return domain.written
    .get(targetMeta?.className ?? '')
    ?.find((other) =>
      joinColumns.every(
        (column, at) =>
          domain.valueIn(row, column) === domain.valueIn(other, referencedColumnNames[at] as string),
      ),
    );
}

const isLater = ({ tables }: Domain, table: DomainTable, { targetMeta }: EntityProperty) =>
  tables.findIndex(({ name }) => name === targetMeta?.className) > tables.indexOf(table);

const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<Answer['data']>;

/**
 * Writes a domain by the API's own mutations, parents first, and then what refers to later rows.
 *
 * @returns what the mutations answered: for each table the rows with their columns, as `id` and those
 */
export async function createDomain(
  domain: Domain,
  source: SourceName,
  ask: Ask,
): Promise<Map<string, Row[]>> {
  const created = new Map<string, Row[]>();
  for (const table of domain.tables.filter(({ readOnly }) => !readOnly)) {
    const { name, many, one, columns } = table;
    const type = capitalized(one);
    const fields = columns.map(({ field }) => field.name).join(' ');
    const field = `create${capitalized(many)}`;
    const data = await ask(
      `mutation ($inputs: [Create${type}Input!]!) { ${field}(source: ${source}, inputs: $inputs) { ${many} { id ${fields} } } }`,
      { inputs: (domain.written.get(name) as Row[]).map((row) => inputOf(domain, row)) },
    );
    created.set(name, (data[field] as Record<string, Row[]>)[many] as Row[]);
  }
  for (const table of domain.tables.filter(({ readOnly }) => !readOnly))
    await connectLater(domain, table, source, ask);
  for (const row of domain.deleted) {
    const { one, name } = domain.tableOf(row);
    await ask(
      `mutation ($key: ${keyTypeOf(domain, name)}!) { delete${capitalized(one)}(source: ${source}, key: $key) { id } }`,
      {
        key: apiKeyOf(domain, row),
      },
    );
  }
  return created;
}

/** The name of the type of a table's key. */
export function keyTypeOf(domain: Domain, name: string): string {
  const { key } = tableNamed(domain, name);
  if (key.members.length > 1) return `${name}KeyInput`;
  const [member] = key.members;
  if (member?.of) return keyTypeOf(domain, (member.field.type() as { name: string }).name);
  return scalarOf(member?.field.type() as object)?.name ?? '';
}

async function connectLater(domain: Domain, table: DomainTable, source: SourceName, ask: Ask): Promise<void> {
  const { meta, one, name } = table;
  const later = meta.relations.filter((property) => isOwning(property) && isLater(domain, table, property));
  const pairs = meta.relations.filter(
    (property) =>
      isToMany(property) &&
      property.kind === 'm:n' &&
      property.mappedBy === undefined &&
      tableOf(linkOf(property).meta.class as never) === undefined,
  );
  for (const row of domain.written.get(name) as Row[]) {
    const input = Object.fromEntries(
      [
        ...later.map((property) => [`${property.name}Key`, keyOrNull(domain, row, property.name)]),
        ...pairs.map((property) => [
          `${property.name}Connect`,
          (domain.relations(row, property.name) as Row[]).map((other) => apiKeyOf(domain, other)),
        ]),
      ].filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)),
    );
    if (Object.keys(input).length === 0) continue;
    const type = capitalized(one);
    await ask(
      `mutation ($key: ${keyTypeOf(domain, name)}!, $input: Update${type}Input!) { update${type}(source: ${source}, key: $key, input: $input) { ${one} { id } } }`,
      { key: apiKeyOf(domain, row), input },
    );
  }
}
