import type { EntityProperty } from '@mikro-orm/core';
import fc from 'fast-check';
import { validateSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AccessRules, claim, type TablePermission } from '../../src/access/permission.ts';
import { type TableNames, tableOf } from '../../src/entities/table.ts';
import { schemaOfRole } from '../../src/graphql/role-schema.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import type { Address } from '../fixtures/rental/address.ts';
import type { City } from '../fixtures/rental/city.ts';
import type { Film } from '../fixtures/rental/film.ts';
import type { FilmActor } from '../fixtures/rental/film-actor.ts';
import * as guardedRentals from '../fixtures/rental/guarded.ts';
import { entities } from '../fixtures/rental/index.ts';
import type { Inventory } from '../fixtures/rental/inventory.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases } from '../helpers/databases.ts';
import { apiKeyOf, createDomain, idOf, keyTypeOf, writtenColumns } from '../helpers/domain-inputs.ts';
import { connect } from '../helpers/driver.ts';
import { holds, type Row } from '../helpers/filter-oracle.ts';
import { besideOthers, evenOutNewKeys, expectSameAnswers } from '../helpers/non-interference.ts';
import { type Domain, type DomainTable, isOwning, tableNamed } from '../helpers/random-domain.ts';
import type { Pools } from '../helpers/random-operations.ts';
import { inOrder, randomOrder, randomWhere, toOrderBy } from '../helpers/random-reads.ts';
import { seed } from '../helpers/random-seed.ts';
import { type RentalServer, randomRentals, rentalTables, startRental } from '../helpers/rental.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/rental/index.ts'));

// Roles with random row rules on tables with every kind of key: what they reach is what the rules leave, in memory.

const callers = process.env.TANDEM_LONG === '1' ? 40 : 2;
const names = Array.from({ length: callers }, (_, at) => `caller${at}`);

let server: RentalServer;
let guarded: TestServer;
let domain: Domain;
let rules: AccessRules;
beforeAll(async () => {
  server = await startRental();
  domain = randomRentals(server, 20);
  for (const source of sourceNames) await createDomain(domain, source, server.data);
  const tables = domain.tables.filter(({ readOnly }) => !readOnly);
  const permissions = tables.map((table, at) => {
    const rows = fc.sample(randomRule(table), { seed: seed + at, numRuns: callers });
    const roles = rows.map((rule, nth) => [names[nth], permissionBy(table, rule, nth)] as const);
    return [table.name, Object.fromEntries(roles)] as const;
  });
  rules = {
    roles: Object.fromEntries(names.map((name) => [name, { description: 'A test.' }])),
    tables: Object.fromEntries(permissions),
  };
  const auth = await authFor(Object.fromEntries(names.map((name) => [name, { roles: [name] }])));
  guarded = await startServer({ ...server.config, auth, pool: besideOthers }, { rules });
}, 120_000);
afterAll(async () => {
  await guarded?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** Rules have no counts, compare whole values, and have items of ENUM and SET as the database has them. */
const randomRule = (table: DomainTable) =>
  randomWhere(domain, table, 2).filter(
    (rule) =>
      !/"(count|contains|startsWith|endsWith|has|eqExact|rating|specialFeatures|kind)":/.test(
        JSON.stringify(rule),
      ),
  );

/** A role reads the rows of a rule, and all columns but one. */
function permissionBy(table: DomainTable, rows: Row, at: number): TablePermission {
  const toOne = table.relations.filter(({ kind, name }) => kind === 'one' && isInRow(table, name));
  const fields = [...table.columns.map(({ field }) => field.name), ...toOne.map(({ name }) => name)];
  const columns = fields.filter((name) => name !== hiddenFrom(table, at));
  return { read: { rows: rows as object, columns }, update: { rows: {} }, delete: true };
}

const isInRow = ({ meta }: DomainTable, name: string) =>
  isOwning(meta.properties[name as never] as unknown as EntityProperty);

/** The column that a caller may not read; undefined where the table has none beside its key. */
function hiddenFrom({ columns }: DomainTable, at: number): string | undefined {
  const others = columns.filter(({ property }) => !property.primary);
  return others[at % Math.max(1, others.length)]?.field.name;
}

const ruled = tablesWithKeys();
function tablesWithKeys(): readonly string[] {
  return entities.map(({ name }) => name).filter((name) => !['Visit', 'FilmTitle', 'Taking'].includes(name));
}

const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const codeOf = (errors: readonly { extensions?: { code?: string } }[] | undefined) =>
  errors?.[0]?.extensions?.code;

describe.each(ruled)('a row rule on %s', (name) => {
  const each = names.map((caller, at) => [caller, at] as const);
  let table: DomainTable;
  beforeAll(() => {
    table = tableNamed(domain, name);
  });

  /** The rows that a caller may read, and the others. */
  function split(caller: string) {
    const read = rules.tables[name]?.[caller]?.read as { readonly rows: Row };
    const rule = read.rows;
    const may = (row: Row) => holds(row, rule, domain.relations, domain.comparesOf) === true;
    const rows = domain.rows.get(name) as Row[];
    return { rule, allowed: rows.filter(may), denied: rows.filter((row) => !may(row)) };
  }

  it.each(each)('leaves %s its rows in lists, pages and counts, in any order', async (caller, at) => {
    const { rule, allowed } = split(caller);
    const hidden = hiddenFrom(table, at);
    const [steps = []] = fc.sample(randomOrder(domain, table), { seed: seed + at, numRuns: 1 });
    // Another table's rules, and this one's columns, are not what this is about.
    const order = steps.filter(([path]) => path.length === 1 && path[0] !== hidden);
    const expected = inOrder(domain, allowed, order).map((row) => idOf(domain, row));
    const found: string[] = [];
    let after: string | null = null;
    do {
      const { data, errors } = await askAs(
        guarded,
        caller,
        `query ($orderBy: [${name}OrderBy!], $after: String) {
          list: ${table.many}(source: AZURE, first: 7, orderBy: $orderBy, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
          all: ${table.many}Aggregate(source: AZURE) { count } }`,
        { orderBy: toOrderBy(order), after },
      );
      expect(errors, JSON.stringify(rule)).toBeUndefined();
      expect([data.list.totalCount, data.all[0].count]).toEqual([expected.length, expected.length]);
      found.push(...data.list.nodes.map(({ id }: { id: string }) => id));
      after = data.list.pageInfo.hasNextPage ? data.list.pageInfo.endCursor : null;
    } while (after !== null);
    expect(found, `${JSON.stringify(rule)}, seed ${seed}`).toEqual(expected);
  });

  it.each(each)('leaves %s its rows by key and by id, and no other', async (caller) => {
    const { rule, allowed, denied } = split(caller);
    for (const [row, isAllowed] of [
      ...allowed.slice(0, 2).map((row) => [row, true] as const),
      ...denied.slice(0, 2).map((row) => [row, false] as const),
    ]) {
      const { data, errors } = await askAs(
        guarded,
        caller,
        `query ($key: ${keyTypeOf(domain, name)}!, $id: ID!) { one: ${table.one}(source: AZURE, key: $key) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }`,
        { key: apiKeyOf(domain, row), id: idOf(domain, row) },
      );
      const expected = isAllowed ? { id: idOf(domain, row) } : null;
      expect(errors, JSON.stringify(rule)).toBeUndefined();
      expect(data, JSON.stringify(rule)).toEqual({ one: expected, node: expected, nodes: [expected] });
    }
  });

  it.each(each)('lets %s compare its rows of both clouds', async (caller) => {
    const { rule, allowed } = split(caller);
    const { data, errors } = await askAs(
      guarded,
      caller,
      `{ all: ${table.many}Compared(first: 100) { nodes { status azure { id } gcp { id } } } }`,
    );
    expect(errors, `${JSON.stringify(rule)} ${guarded.log.slice(-3).join('')}`).toBeUndefined();
    expect(data.all.nodes, JSON.stringify(rule)).toEqual(
      inOrder(domain, allowed, []).map((row) => ({
        status: 'SAME',
        azure: { id: idOf(domain, row) },
        gcp: { id: idOf(domain, row, 'GCP') },
      })),
    );
  });

  it.each(each)('lets %s change and delete no other row', async (caller, at) => {
    const [row] = split(caller).denied;
    if (row === undefined) return;
    const type = capitalized(table.one);
    const hidden = hiddenFrom(table, at);
    const column = writtenColumns(table).find(
      ({ property, field }) => !property.primary && field.name !== hidden,
    )?.field.name;
    const writes = [
      ...(column === undefined
        ? []
        : [`update${type}(source: GCP, key: $key, input: $input) { ${table.one} { id } }`]),
      `delete${type}(source: GCP, key: $key) { id }`,
    ];
    for (const write of writes) {
      const input = write.startsWith('update') ? `, $input: Update${type}Input!` : '';
      const { errors } = await askAs(
        guarded,
        caller,
        `mutation ($key: ${keyTypeOf(domain, name)}!${input}) { ${write} }`,
        { key: apiKeyOf(domain, row), ...(column && { input: { [column]: row[column] } }) },
      );
      expect(codeOf(errors), write).toBe('NOT_FOUND');
    }
  });

  it.each(each)(
    'hides a column from %s in selections, filters, orders and aggregates',
    async (caller, at) => {
      const column = hiddenFrom(table, at);
      if (column === undefined) return;
      const { field, orders } = table.columns.find(
        (each) => each.field.name === column,
      ) as DomainTable['columns'][number];
      const questions = [
        `${table.many}(source: AZURE) { nodes { ${column} } }`,
        `${table.many}(source: AZURE, where: { ${field.name}: { isNull: true } }) { totalCount }`,
        ...(orders
          ? [
              `${table.many}(source: AZURE, orderBy: [{ ${column}: ASC }]) { totalCount }`,
              `${table.many}Aggregate(source: AZURE) { max { ${column} } }`,
              `${table.many}Aggregate(source: AZURE, groupBy: [${column}]) { count }`,
            ]
          : []),
      ];
      for (const question of questions) {
        const { errors } = await askAs(guarded, caller, `{ ${question} }`);
        expect(['GRAPHQL_VALIDATION_FAILED', 'FORBIDDEN'], question).toContain(codeOf(errors));
      }
    },
  );
});

it('a table between that an entity maps has its own permissions where rows are connected through it', async () => {
  const own: AccessRules = {
    roles: { clerk: { description: 'A test.' }, helper: { description: 'A test.' } },
    tables: {
      Film: { clerk: { read: true, update: true }, helper: { read: true, update: true } },
      Actor: { clerk: { read: true }, helper: { read: true } },
      FilmActor: {
        clerk: { read: true, create: { sources: ['AZURE'] }, delete: { rows: { role: { eq: 'Extra' } } } },
        helper: { read: true },
      },
    },
  };
  const auth = await authFor({ clerk: { roles: ['clerk'] }, helper: { roles: ['helper'] } });
  await using other = await startServer({ ...server.config, auth, pool: besideOthers }, { rules: own });
  const key = '0190a5b8-7c3e-7d1a-9f00-2b6c1d3e4f50';
  const film = `input: { key: "${key}", title: "x", languageKey: 1 }`;
  const { createActors } = await server.data(
    `mutation { azure: createFilm(source: AZURE, ${film}) { film { key } } gcp: createFilm(source: GCP, ${film}) { film { key } }
      createActors(source: AZURE, inputs: [{ firstName: "a", lastName: "b" }, { firstName: "c", lastName: "d" }]) { actors { key } } }`,
  );
  const [extra, lead] = createActors.actors.map((actor: { key: number }) => actor.key);
  const change = async (caller: string, source: string, input: string) => {
    const { data, errors } = await askAs(
      other,
      caller,
      `mutation { updateFilm(source: ${source}, key: "${key}", input: { ${input} }) { film { key } } }`,
    );
    return codeOf(errors) ?? data.updateFilm.film.key;
  };
  expect(await change('helper', 'AZURE', `actorsConnect: [${extra}]`)).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await change('clerk', 'GCP', `actorsConnect: [${extra}]`)).toBe('FORBIDDEN');
  expect(await change('clerk', 'AZURE', `actorsConnect: [${extra}, ${lead}]`)).toBe(key);
  await server.data(
    `mutation { updateFilmActor(source: AZURE, key: { filmKey: "${key}", actorKey: ${lead} }, input: { role: "Lead" }) { filmActor { role } } }`,
  );
  expect(await change('clerk', 'AZURE', `actorsDisconnect: [${lead}]`)).toBe('NOT_FOUND');
  expect(await change('clerk', 'AZURE', `actorsDisconnect: [${extra}]`)).toBe(key);
  const { filmActors } = await server.data(
    `{ filmActors(source: AZURE, where: { film: { key: { eq: "${key}" } } }) { nodes { actor { key } } } }`,
  );
  expect(filmActors.nodes).toEqual([{ actor: { key: lead } }]);
});

it.each<[AccessRules['tables'], RegExp]>([
  [
    { Address: { clerk: { read: true, update: { presets: { city: claim('city') } } } } },
    /gives city, whose key has several columns, by a claim/,
  ],
  [
    { Customer: { clerk: { read: { rows: { deletedAt: { lt: claim('day') } } } } } },
    /deletedAt\.lt compares a column without a @Field with a claim/,
  ],
])('a claim that no column can take keeps the server from starting: %j', async (tables, message) => {
  const roles = { clerk: { description: 'A test.' } };
  await expect(startServer(server.config, { rules: { roles, tables } })).rejects.toThrow(message);
});

describe('a change along a relation', () => {
  const own: AccessRules = {
    roles: { clerk: { description: 'A test.' } },
    tables: {
      Film: {
        clerk: {
          read: true,
          update: { columns: ['categories'], check: { categories: { none: { liking: { lt: 0 } } } } },
        },
      } satisfies Record<string, TablePermission<Film>>,
      Category: { clerk: { read: true } },
      Actor: { clerk: { read: true } },
      FilmActor: {
        clerk: { read: true, create: { check: { actor: { votes: { gte: 10 } } } } },
      } satisfies Record<string, TablePermission<FilmActor>>,
      City: {
        clerk: { read: true, update: { check: { addresses: { none: { street: { eq: 'Forbidden' } } } } } },
      } satisfies Record<string, TablePermission<City>>,
      Address: {
        clerk: {
          read: true,
          update: { columns: ['city'], presets: { more: claim('sub') } },
        },
      } satisfies Record<string, TablePermission<Address>>,
    },
  };
  const film = '0190a5b8-7c3e-7d1a-9f00-2b6c1d3e4f51';
  let other: TestServer;
  let addresses: string[];
  let actors: number[];
  beforeAll(async () => {
    const auth = await authFor({ clerk: { roles: ['clerk'], claims: { sub: 'nora' } } });
    other = await startServer({ ...server.config, auth, pool: besideOthers }, { rules: own });
    const made = await server.data(
      `mutation { createFilm(source: AZURE, input: { key: "${film}", title: "x", languageKey: 1 }) { film { key } }
        createCategories(source: AZURE, inputs: [{ name: "Fine", liking: 1 }, { name: "Foul", liking: -1 }]) { categories { name } }
        createCountry(source: AZURE, input: { code: "ZZ", name: "Zed", cities: [{ number: 1, name: "Zed" }] }) { country { code } }
        createAddresses(source: AZURE, inputs: [{ street: "Fine" }, { street: "Forbidden" }]) { addresses { key } }
        createActors(source: AZURE, inputs: [{ firstName: "a", lastName: "b", votes: 10 }, { firstName: "c", lastName: "d", votes: 9 }, { firstName: "e", lastName: "f" }]) { actors { key } } }`,
    );
    addresses = made.createAddresses.addresses.map(({ key }: { key: string }) => key);
    actors = made.createActors.actors.map(({ key }: { key: number }) => key);
  });
  afterAll(() => other?.[Symbol.asyncDispose]());
  const change = async (field: string) =>
    codeOf((await askAs(other, 'clerk', `mutation { ${field} }`)).errors) ?? 'made';
  const changeFilm = (input: string) =>
    change(`updateFilm(source: AZURE, key: "${film}", input: { ${input} }) { film { key } }`);
  const changeCity = (input: string) =>
    change(
      `updateCity(source: AZURE, key: { countryKey: "ZZ", number: 1 }, input: { ${input} }) { city { name } }`,
    );

  it('is held to the rule for the row as it becomes, where nothing in the row itself changes', async () => {
    expect(await changeFilm('categoriesConnect: ["Fine"]')).toBe('made');
    expect(await changeFilm('categoriesConnect: ["Foul"]')).toBe('FORBIDDEN');
    const { film: left } = await server.data(
      `{ film(source: AZURE, key: "${film}") { categories { nodes { name } } } }`,
    );
    expect(left.categories.nodes).toEqual([{ name: 'Fine' }]);
    expect(await changeCity(`addressesConnect: ["${addresses[1]}"]`)).toBe('FORBIDDEN');
  });

  it('is held to the rule for new rows of the table between', async () => {
    const role: AccessRules['tables'] = { ...own.tables, Film: { clerk: { read: true, update: true } } };
    const auth = await authFor({ clerk: { roles: ['clerk'] } });
    await using between = await startServer(
      { ...server.config, auth, pool: besideOthers },
      { rules: { ...own, tables: role } },
    );
    const connectActors = async (...keys: (number | undefined)[]) =>
      codeOf(
        (
          await askAs(
            between,
            'clerk',
            `mutation { updateFilm(source: AZURE, key: "${film}", input: { actorsConnect: [${keys}] }) { film { key } } }`,
          )
        ).errors,
      ) ?? 'made';
    expect(await connectActors(actors[1])).toBe('FORBIDDEN');
    expect(await connectActors(actors[0], actors[2])).toBe('FORBIDDEN');
    expect(await connectActors(actors[0])).toBe('made');
  });

  it('gives the presets of the rows that it changes', async () => {
    expect(await changeCity(`addressesConnect: ["${addresses[0]}"]`)).toBe('made');
    const moreOf = async () =>
      (await server.data(`{ address(source: AZURE, key: "${addresses[0]}") { more city { name } } }`))
        .address;
    expect(await moreOf()).toEqual({ more: 'nora', city: { name: 'Zed' } });
    await server.data(
      `mutation { updateAddress(source: AZURE, key: "${addresses[0]}", input: { more: null }) { address { key } } }`,
    );
    expect(await changeCity(`addressesDisconnect: ["${addresses[0]}"]`)).toBe('made');
    expect(await moreOf()).toEqual({ more: 'nora', city: null });
  });
});

it('values from claims are those of their columns, of every type, and keys along relations', async () => {
  const own: AccessRules = {
    roles: { clerk: { description: 'A test.' } },
    tables: {
      Film: {
        clerk: {
          read: true,
          update: {
            columns: ['title'],
            presets: {
              silent: claim('silent'),
              regions: claim('regions'),
              rentalRate: claim('rate'),
              audience: claim('audience'),
              rating: claim('rating'),
              score: claim('score'),
              language: claim('language'),
              originalLanguage: 2,
            },
          },
        },
      } satisfies Record<string, TablePermission<Film>>,
      Language: { clerk: { read: true } },
      Store: { clerk: { read: true } },
      Inventory: {
        clerk: { read: true, create: { columns: ['film', 'copy'], presets: { store: claim('store') } } },
      } satisfies Record<string, TablePermission<Inventory>>,
    },
  };
  const [store] = domain.rows.get('Store') as [Row];
  const claims = {
    silent: true,
    regions: 'AAE=',
    rate: '1.25',
    audience: 4_000_000_000,
    rating: 'PG-13',
    score: 0.5,
    language: 1,
    store: apiKeyOf(domain, store),
  };
  const auth = await authFor({
    clerk: { roles: ['clerk'], claims },
    wrong: { roles: ['clerk'], claims: { ...claims, language: '1', store: 7 } },
  });
  await using other = await startServer({ ...server.config, auth, pool: besideOthers }, { rules: own });
  const key = '0190a5b8-7c3e-7d1a-9f00-2b6c1d3e4f52';
  await server.data(
    `mutation { createFilm(source: AZURE, input: { key: "${key}", title: "x", languageKey: 2 }) { film { key } } }`,
  );
  const update = `mutation { updateFilm(source: AZURE, key: "${key}", input: { title: "y" }) { film { silent regions rentalRate audience rating score language { key } originalLanguage { key } } } }`;
  expect(codeOf((await askAs(other, 'wrong', update)).errors)).toBe('FORBIDDEN');
  const { data, errors } = await askAs(other, 'clerk', update);
  expect(errors, other.log.slice(-2).join('')).toBeUndefined();
  expect(data.updateFilm.film).toEqual({
    silent: true,
    regions: 'AAE=',
    rentalRate: '1.25',
    audience: 4_000_000_000,
    rating: 'PG_13',
    score: 0.5,
    language: { key: 1 },
    originalLanguage: { key: 2 },
  });
  const create = `mutation { createInventory(source: AZURE, input: { filmKey: "${key}", copy: 9 }) { inventory { store { key } film { key } copy } } }`;
  expect(codeOf((await askAs(other, 'wrong', create)).errors)).toBe('FORBIDDEN');
  const made = await askAs(other, 'clerk', create);
  expect(made.errors, other.log.slice(-2).join('')).toBeUndefined();
  expect(made.data.createInventory.inventory).toEqual({
    store: { key: claims.store },
    film: { key },
    copy: 9,
  });
});

describe.each(Object.keys(guardedRentals.rules.roles))('to the role %s of two databases', (role) => {
  const count = process.env.TANDEM_LONG === '1' ? 8000 : 60;

  /** A server on databases with the same rows but for some changes, each of which changes some. */
  async function start(changesIn: (source: SourceName) => readonly string[]): Promise<TestServer> {
    const { rules: access, rows, claims } = guardedRentals;
    const databases = await createDatabases({ migrated: false, statements: [...rentalTables, ...rows] });
    opened.push(databases);
    for (const source of sourceNames) {
      const database = databases.config.databases[source];
      const connection = await connect(database, database.migrator);
      for (const sql of changesIn(source)) {
        const [{ affectedRows }] = (await connection.query(sql)) as unknown as [{ affectedRows: number }];
        expect(affectedRows, sql).toBeGreaterThan(0);
      }
      await connection.end();
    }
    await evenOutNewKeys([databases], ['address']);
    const auth = await authFor({
      administrator: { roles: ['administrator'] },
      [role]: { roles: [role], claims },
    });
    const limits = { ...databases.config.limits, cost: 10_000_000 };
    const made = await startServer(
      { ...databases.config, auth, limits, pool: besideOthers },
      { rules: access },
    );
    opened.push(made);
    return made;
  }
  const opened: AsyncDisposable[] = [];
  afterAll(async () => {
    for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
  });

  it('answers are the same whatever it may not see, for every kind of key and column', async () => {
    const hidden = guardedRentals.hiddenFrom[role] ?? [];
    const one = await start(() => []);
    // Of each cloud others, so that comparisons have something to tell of, too.
    const two = await start((source) => hidden.filter((_, at) => source === 'GCP' || at % 4 !== 3));
    const schema = schemaOfRole(await createSchema(), role, guardedRentals.rules, entities);
    expect(validateSchema(schema)).toEqual([]);
    const answered = await expectSameAnswers([one, two], {
      role,
      schema,
      pools: await poolsOf(one),
      count,
    });
    expect(answered.read).toBeGreaterThan(answered.reads / 4);
    expect(answered.writes).toBeGreaterThan(0);
  }, 3_600_000);
});

/** Ids and cursors of all rows, which the role may have from elsewhere. */
async function poolsOf(of: Pick<TestServer, 'url'>): Promise<Pools> {
  const found = await Promise.all(
    entities.map(async (entity) => {
      const { many, isKeyless } = tableOf(entity) as TableNames;
      const { data } = await askAs(
        of,
        'administrator',
        `{ ${many}(source: AZURE, first: 50) { edges { cursor ${isKeyless ? '' : 'node { id }'} } } }`,
      );
      return data[many].edges as { cursor: string; node?: { id: string } }[];
    }),
  );
  const edges = found.flat();
  return {
    ids: edges.flatMap(({ node }) => node?.id ?? []),
    cursors: edges.map(({ cursor }) => cursor),
    values: guardedRentals.values,
  };
}
