import type { EntityProperty } from '@mikro-orm/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EntityField } from '../../src/column-types/entity-fields.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { entities } from '../fixtures/rental/index.ts';
import { samplesOf } from '../fixtures/sakila/samples-of.ts';
import { apiKeyOf, createDomain, idOf, keyTypeOf, writtenColumns } from '../helpers/domain-inputs.ts';
import type { Row } from '../helpers/filter-oracle.ts';
import { type Domain, type DomainTable, tableNamed } from '../helpers/random-domain.ts';
import { dice } from '../helpers/random-schema.ts';
import { seed } from '../helpers/random-seed.ts';
import { type RentalServer, randomRentals, startRental } from '../helpers/rental.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/rental/index.ts'));

// Extreme and random values of each column of the second domain, from a mutation back to one.

const rowsATable = process.env.TANDEM_LONG === '1' ? 150 : 12;
/** Rows that are asked for one by one. */
const asked = process.env.TANDEM_LONG === '1' ? 30 : 2;

/** In the form in which the API answers: column-matrix.test.ts gives others. */
function valuesOf(field: EntityField, property: EntityProperty): fc.Arbitrary<unknown> {
  // The soft delete of a row counts one more.
  if (field.name === 'revision') return fc.nat(1000);
  const { extremes, random, output = (value: never) => value } = samplesOf(field, property);
  return fc
    .oneof(
      fc.constantFrom(...extremes),
      fc.integer().map((luck) => random(dice(luck))),
    )
    .map((value) => output(value as never));
}

let server: RentalServer;
let domain: Domain;
const created = new Map<SourceName, Map<string, Row[]>>();
beforeAll(async () => {
  server = await startRental({ bothExecutors: true });
  domain = randomRentals(server, rowsATable, { valuesOf });
  for (const source of sourceNames) created.set(source, await createDomain(domain, source, server.data));
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());

const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const written = entities
  .map(({ name }) => name)
  .filter((name) => !['Visit', 'FilmTitle', 'Taking'].includes(name));

describe.each(written)('the values of %s', (name) => {
  let table: DomainTable;
  let rows: readonly Row[];
  let fields: string;
  beforeAll(() => {
    table = tableNamed(domain, name);
    rows = domain.rows.get(name) as Row[];
    fields = table.columns.map(({ field }) => field.name).join(' ');
  });
  const shown = (row: Row, source: SourceName = 'AZURE') => ({
    id: idOf(domain, row, source),
    ...Object.fromEntries(table.columns.map(({ field }) => [field.name, row[field.name]])),
  });

  it('are answered as they were given, by the mutation and by reads of both clouds', async () => {
    expect(rows.length).toBeGreaterThan(3);
    for (const source of sourceNames) {
      const all = domain.written.get(name) as Row[];
      const answered = created.get(source)?.get(name);
      expect(answered, `seed ${seed}`).toEqual(all.map((row) => shown(row, source)));
      const { list } = await server.data(
        `{ list: ${table.many}(source: ${source}, first: 1000) { nodes { id ${fields} } } }`,
      );
      const byId = new Map((list as { nodes: { id: string }[] }).nodes.map((row) => [row.id, row]));
      for (const row of rows) {
        const expected = shown(row, source);
        // What was connected later is a change of the row, which the entity notes.
        expect(byId.get(expected.id), `seed ${seed}`).toEqual(expected);
      }
      expect(byId.size).toBe(rows.length);
    }
  });

  it('are found by filters, each in the row that has it', async () => {
    for (const { field, operators } of table.columns) {
      if (!operators.includes('eq')) continue;
      const some = rows.slice(0, asked).filter((row) => row[field.name] !== null);
      if (some.length === 0) continue;
      const data = await server.data(
        `query (${some.map((_, at) => `$w${at}: ${name}Where!`).join(', ')}) { ${some
          .map(
            (_, at) => `a${at}: ${table.many}(source: AZURE, first: 1000, where: $w${at}) { nodes { id } }`,
          )
          .join(' ')} }`,
        Object.fromEntries(some.map((row, at) => [`w${at}`, { [field.name]: { eq: row[field.name] } }])),
      );
      for (const [at, row] of some.entries()) {
        expect((data[`a${at}`] as { nodes: unknown[] }).nodes, `${field.name}, seed ${seed}`).toContainEqual({
          id: idOf(domain, row),
        });
      }
    }
  });

  it('make cursors by which each row is read once, in both directions', async () => {
    const size = Math.ceil(rows.length / 3);
    for (const { field } of table.columns.filter(({ orders }) => orders)) {
      const order = `orderBy: [{ ${field.name}: ASC }]`;
      const { all } = (await server.data(
        `{ all: ${table.many}(source: GCP, first: 1000, ${order}) { nodes { id } } }`,
      )) as unknown as { all: { nodes: { id: string }[] } };
      for (const [way, place, more, cursor] of [
        ['first', 'after', 'hasNextPage', 'endCursor'],
        ['last', 'before', 'hasPreviousPage', 'startCursor'],
      ] as const) {
        const found: { id: string }[] = [];
        let from: string | null = null;
        do {
          const page = (await server.data(
            `query ($from: String) { page: ${table.many}(source: GCP, ${way}: ${size}, ${place}: $from, ${order}) { nodes { id } pageInfo { ${more} ${cursor} } } }`,
            { from },
          )) as unknown as { page: { nodes: { id: string }[]; pageInfo: Record<string, string | boolean> } };
          const { nodes, pageInfo } = page.page;
          if (way === 'first') found.push(...nodes);
          else found.unshift(...nodes);
          from = pageInfo[more] === true ? (pageInfo[cursor] as string) : null;
        } while (from !== null);
        expect(found, `${field.name} ${way}, seed ${seed}`).toEqual(all.nodes);
        expect(new Set(found.map(({ id }) => id)).size).toBe(rows.length);
      }
    }
  });

  it('are what `expected` takes, and nothing else is', async () => {
    const primary = new Set(
      table.columns.filter(({ property }) => property.primary).map(({ field }) => field.name),
    );
    const own = writtenColumns(table).filter(({ field }) => !primary.has(field.name));
    if (own.length === 0) return;
    const type = capitalized(table.one);
    const update = (row: Row, expected: Row) =>
      server.ask(
        `mutation ($key: ${keyTypeOf(domain, name)}!, $input: Update${type}Input!, $expected: Update${type}Input!) {
          update${type}(source: AZURE, key: $key, input: $input, expected: $expected) { ${table.one} { id } } }`,
        { key: apiKeyOf(domain, row), input: valuesIn(row), expected },
      );
    const valuesIn = (row: Row) => Object.fromEntries(own.map(({ field }) => [field.name, row[field.name]]));
    for (const row of rows.slice(0, asked)) {
      const { errors, data } = await update(row, valuesIn(row));
      expect(errors, `seed ${seed}`).toBeUndefined();
      expect(data[`update${type}`][table.one]).toEqual({ id: idOf(domain, row) });
      for (const { field } of own) {
        const held = row[field.name];
        const other = rows
          .map((each) => each[field.name])
          .find((value) => JSON.stringify(value) !== JSON.stringify(held));
        if (other === undefined) continue;
        const refused = await update(row, { ...valuesIn(row), [field.name]: other });
        expect(refused.errors?.[0]?.extensions, `${field.name}, seed ${seed}`).toMatchObject({
          code: 'CONFLICT',
          fields: [{ path: `expected.${field.name}` }],
        });
      }
    }
  });
});
