import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tables } from '../fixtures/keys/orders.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/keys/orders.ts'));

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({
    statements: [
      ...tables,
      "insert into films values (1, 'Algebra'), (2, 'Botany'), (3, 'Chess')",
      "insert into actors values (1, 'Ada'), (2, 'Bo'), (3, 'Cy')",
      "insert into film_actors (film_id, actor_id, part) values (1, 1, 'x'), (1, 2, 'y'), (2, 1, null), (2, 3, 'x')",
      "insert into awards (name, film_id, actor_id) values ('Bear', 1, 2), ('Lion', 1, 2), ('None', null, null), ('Half', 1, null)",
      "insert into tenants values ('acme'), ('bolt')",
      "insert into orders values ('acme', 1, null), ('acme', 2, 1), ('bolt', 1, null), ('bolt', 3, 1)",
      // The foreign key is another text for the same tenant.
      "insert into orders values ('ACME', 7, 2)",
      "insert into order_lines values ('acme', 1, 1, 'nails'), ('acme', 1, 2, 'nuts'), ('bolt', 1, 1, 'bolts')",
      "insert into parcels (tenant_code, order_number, line) values ('acme', 1, 2), ('bolt', 1, 1), (null, null, null)",
      "insert into claims values (1, 'acme', 1, 2, 'late'), (2, 'acme', null, 1, 'lost'), (3, 'bolt', 1, null, 'torn'), (4, 'bolt', null, null, 'none')",
      "insert into invoices values ('bolt', 1, 20), ('acme', 2, 10)",
      "insert into labels values (1, 'urgent'), (2, 'heavy')",
      "insert into order_labels values ('acme', 1, 1), ('acme', 1, 2), ('bolt', 3, 2)",
    ],
  });
  const limits = { ...databases.config.limits, cost: 1_000_000 };
  server = await startServer({ ...databases.config, limits }, { bothExecutors: true });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await server.ask(query, variables);
  expect(errors, `${query}\n${server.log.slice(-2).join('')}`).toBeUndefined();
  return data;
}

// Before others write to one cloud.
it.each([
  ['films', 3],
  ['actors', 3],
  ['filmActors', 4],
  ['orders', 5],
  ['orderLines', 3],
  ['invoices', 2],
  ['labels', 2],
  ['claims', 4],
])(
  'compares the rows of both clouds of %s, whatever relations other tables have to it',
  async (many, count) => {
    const data = await ask(`{ ${many}Compared { nodes { status differing } } }`);
    expect(data[`${many}Compared`].nodes).toEqual(
      Array.from({ length: count }, () => ({ status: 'SAME', differing: [] })),
    );
  },
);

describe('a table between that is an entity, whose key is both foreign keys', () => {
  it('is read by the keys of both, with both rows, and by its id', async () => {
    const { filmActor } = await ask(
      '{ filmActor(source: AZURE, key: { filmKey: 1, actorKey: 2 }) { id key { actorKey filmKey } part film { title } actor { key name } awards { nodes { name } totalCount } } }',
    );
    expect(filmActor).toMatchObject({
      key: { actorKey: 2, filmKey: 1 },
      part: 'y',
      film: { title: 'Algebra' },
      actor: { key: 2, name: 'Bo' },
      awards: { nodes: [{ name: 'Bear' }, { name: 'Lion' }], totalCount: 2 },
    });
    const { node } = await ask(
      'query ($id: ID!) { node(id: $id) { ... on FilmActor { part film { key } } } }',
      {
        id: filmActor.id,
      },
    );
    expect(node).toEqual({ part: 'y', film: { key: 1 } });
  });

  it('is read by pages, whether the page shows the rows that the key refers to or not', async () => {
    for (const shown of ['film { title } actor { name }', 'part', 'film { key }']) {
      const parts: number[] = [];
      let after = '';
      for (;;) {
        const { filmActors } = await ask(
          `{ filmActors(source: GCP, first: 1, orderBy: [{ part: DESC }]${after}) { edges { cursor node { ${shown} key { filmKey actorKey } } } pageInfo { hasNextPage endCursor } } }`,
        );
        for (const { node } of filmActors.edges) parts.push(node.key.filmKey * 10 + node.key.actorKey);
        if (!filmActors.pageInfo.hasNextPage) break;
        after = `, after: "${filmActors.pageInfo.endCursor}"`;
      }
      expect(parts).toEqual([12, 23, 11, 21]);
    }
  });

  it('leads from both sides to the other, also as many to many', async () => {
    const { films, actors } = await ask(
      '{ films(source: AZURE) { nodes { cast { nodes { actor { name } } } actors { nodes { name } totalCount } } } actors(source: AZURE, where: { films: { some: { title: { eq: "Botany" } } } }) { nodes { name parts { nodes { film { title } } } } } }',
    );
    expect(films.nodes[0]).toEqual({
      cast: { nodes: [{ actor: { name: 'Ada' } }, { actor: { name: 'Bo' } }] },
      actors: { nodes: [{ name: 'Ada' }, { name: 'Bo' }], totalCount: 2 },
    });
    expect(films.nodes[2]).toEqual({ cast: { nodes: [] }, actors: { nodes: [], totalCount: 0 } });
    expect(actors.nodes.map(({ name }: { name: string }) => name)).toEqual(['Ada', 'Cy']);
  });

  it('is filtered by the rows that its key refers to', async () => {
    const { byKey, byTitle, awarded } = await ask(`{
      byKey: filmActors(source: AZURE, where: { film: { key: { eq: 2 } } }) { nodes { key { actorKey } } }
      byTitle: filmActors(source: AZURE, where: { film: { title: { eq: "Algebra" } }, actor: { name: { ne: "Ada" } } }) { nodes { key { actorKey } } }
      awarded: filmActors(source: AZURE, where: { awards: { count: { gt: 1 } } }) { nodes { key { filmKey actorKey } } } }`);
    expect(byKey.nodes).toEqual([{ key: { actorKey: 1 } }, { key: { actorKey: 3 } }]);
    expect(byTitle.nodes).toEqual([{ key: { actorKey: 2 } }]);
    expect(awarded.nodes).toEqual([{ key: { filmKey: 1, actorKey: 2 } }]);
  });

  it('is created below a row of either side, changed and deleted', async () => {
    const { createFilm } = await ask(
      'mutation { createFilm(source: AZURE, input: { title: "Drama", cast: [{ actorKey: 1, part: "a" }, { actorKey: 3 }] }) { film { key cast { nodes { key { filmKey actorKey } part } } } } }',
    );
    const { key, cast } = createFilm.film;
    expect(cast.nodes).toEqual([
      { key: { filmKey: key, actorKey: 1 }, part: 'a' },
      { key: { filmKey: key, actorKey: 3 }, part: null },
    ]);
    const data = await ask(
      `mutation { updateFilmActor(source: AZURE, key: { filmKey: ${key}, actorKey: 3 }, input: { part: "b" }, expected: { part: null }) { filmActor { part film { title } } }
        deleteFilmActor(source: AZURE, key: { actorKey: 1, filmKey: ${key} }) { key { filmKey actorKey } } }`,
    );
    expect(data).toEqual({
      updateFilmActor: { filmActor: { part: 'b', film: { title: 'Drama' } } },
      deleteFilmActor: { key: { filmKey: key, actorKey: 1 } },
    });
    const { update, filmInput } = await ask(
      '{ update: __type(name: "UpdateFilmActorInput") { inputFields { name } } filmInput: __type(name: "UpdateFilmInput") { inputFields { name } } }',
    );
    const names = (type: { inputFields: { name: string }[] }) => type.inputFields.map(({ name }) => name);
    for (const field of ['filmKey', 'actorKey', 'key']) expect(names(update)).not.toContain(field);
    // A part keeps its film.
    expect(names(filmInput)).toContain('cast');
    expect(names(filmInput)).not.toContain('castConnect');
  });

  it('is linked and unlinked along the many-to-many relation', async () => {
    const change = (input: string) =>
      server.ask(
        `mutation { updateFilm(source: GCP, key: 3, input: { ${input} }) { film { actors { nodes { name } } } } }`,
      );
    expect((await change('actorsConnect: [2, 3]')).data.updateFilm.film.actors.nodes).toEqual([
      { name: 'Bo' },
      { name: 'Cy' },
    ]);
    expect((await change('actorsConnect: [2]')).errors).toMatchObject([
      { extensions: { code: 'DUPLICATE' } },
    ]);
    expect((await change('actorsDisconnect: [2]')).data.updateFilm.film.actors.nodes).toEqual([
      { name: 'Cy' },
    ]);
  });
});

describe('a foreign key of several columns', () => {
  it('leads to its row, and to none where one column is null', async () => {
    const { awards } = await ask(
      '{ awards(source: GCP) { nodes { name filmActor { part actor { name } } } } }',
    );
    expect(awards.nodes).toEqual([
      { name: 'Bear', filmActor: { part: 'y', actor: { name: 'Bo' } } },
      { name: 'Lion', filmActor: { part: 'y', actor: { name: 'Bo' } } },
      { name: 'None', filmActor: null },
      { name: 'Half', filmActor: null },
    ]);
    const { alone, none, some } =
      await ask(`{ alone: awards(source: GCP) { nodes { filmActor { key { filmKey } } } }
      none: awards(source: GCP, where: { not: { filmActor: { part: { eq: "y" } } } }) { totalCount }
      some: awards(source: GCP, where: { filmActor: { actor: { name: { eq: "Bo" } } } }) { nodes { name } } }`);
    expect(alone.nodes).toEqual([
      { filmActor: { key: { filmKey: 1 } } },
      { filmActor: { key: { filmKey: 1 } } },
      { filmActor: null },
      { filmActor: null },
    ]);
    expect(none.totalCount).toBe(0);
    expect(some.nodes).toEqual([{ name: 'Bear' }, { name: 'Lion' }]);
  });

  it('is written by the key of its row, and the row has to be there', async () => {
    const set = (key: string, expected = '') =>
      server.ask(
        `mutation { updateAward(source: AZURE, key: 3, input: { filmActorKey: ${key} }${expected}) { award { filmActor { part } } } }`,
      );
    expect(
      (await set('{ filmKey: 2, actorKey: 3 }', ', expected: { filmActorKey: null }')).data.updateAward.award,
    ).toEqual({
      filmActor: { part: 'x' },
    });
    expect((await set('{ filmKey: 3, actorKey: 1 }')).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND', fields: [{ path: 'input.filmActorKey' }] } },
    ]);
    expect(
      (await set('null', ', expected: { filmActorKey: { filmKey: 2, actorKey: 1 } }')).errors,
    ).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
    expect((await set('null')).data.updateAward.award).toEqual({ filmActor: null });
  });

  it('connects and disconnects rows that refer by it', async () => {
    const change = (input: string) =>
      ask(
        `mutation { updateFilmActor(source: AZURE, key: { filmKey: 2, actorKey: 1 }, input: { ${input} }) { filmActor { awards { nodes { name } } } } }`,
      );
    expect((await change('awardsConnect: [3, 4]')).updateFilmActor.filmActor.awards.nodes).toEqual([
      { name: 'None' },
      { name: 'Half' },
    ]);
    expect((await change('awardsDisconnect: [4]')).updateFilmActor.filmActor.awards.nodes).toEqual([
      { name: 'None' },
    ]);
  });
});

describe('keys of keys that share a column', () => {
  it('are read as they are nested, in the text that the rows have', async () => {
    const { orders } = await ask(
      '{ orders(source: AZURE) { nodes { key { tenantKey number } tenant { code } replaces { key { number } } replacedBy { nodes { number } } lines { nodes { key { orderKey { tenantKey number } line } goods } } invoice { total key { number } } labels { nodes { word } } } } }',
    );
    const [first, second, seventh, bolt, third] = orders.nodes;
    expect(first).toEqual({
      key: { tenantKey: 'acme', number: 1 },
      tenant: { code: 'acme' },
      replaces: null,
      replacedBy: { nodes: [{ number: 2 }] },
      lines: {
        nodes: [
          { key: { orderKey: { tenantKey: 'acme', number: 1 }, line: 1 }, goods: 'nails' },
          { key: { orderKey: { tenantKey: 'acme', number: 1 }, line: 2 }, goods: 'nuts' },
        ],
      },
      invoice: null,
      labels: { nodes: [{ word: 'urgent' }, { word: 'heavy' }] },
    });
    expect(second).toMatchObject({
      replaces: { key: { number: 1 } },
      replacedBy: { nodes: [{ number: 7 }] },
      invoice: { total: 10, key: { number: 2 } },
    });
    // The row itself has the tenant in other letters.
    expect(seventh).toMatchObject({
      key: { tenantKey: 'ACME', number: 7 },
      tenant: { code: 'acme' },
      replaces: { key: { number: 2 } },
    });
    expect(bolt).toMatchObject({
      key: { tenantKey: 'bolt', number: 1 },
      replacedBy: { nodes: [{ number: 3 }] },
    });
    expect(third).toMatchObject({ replaces: { key: { number: 1 } }, labels: { nodes: [{ word: 'heavy' }] } });
    const { tenants } = await ask(
      '{ tenants(source: AZURE) { nodes { code orders { totalCount nodes { number } } ordersAggregate { count max { number } } } } }',
    );
    expect(tenants.nodes).toEqual([
      {
        code: 'acme',
        orders: { totalCount: 3, nodes: [{ number: 1 }, { number: 2 }, { number: 7 }] },
        ordersAggregate: [{ count: 3, max: { number: 7 } }],
      },
      {
        code: 'bolt',
        orders: { totalCount: 2, nodes: [{ number: 1 }, { number: 3 }] },
        ordersAggregate: [{ count: 2, max: { number: 3 } }],
      },
    ]);
  });

  it('are followed up and down, over three columns', async () => {
    const { parcels, orderLine, labels, invoices } = await ask(`{
      parcels(source: GCP) { nodes { orderLine { goods order { number tenant { code } } } } }
      orderLine(source: GCP, key: { orderKey: { tenantKey: "acme", number: 1 }, line: 2 }) { goods parcels { totalCount } }
      labels(source: GCP) { nodes { orders { nodes { key { tenantKey number } } totalCount } } }
      invoices(source: GCP, orderBy: [{ total: DESC }]) { nodes { key { tenantKey } order { number invoice { total } } } } }`);
    expect(parcels.nodes).toEqual([
      { orderLine: { goods: 'nuts', order: { number: 1, tenant: { code: 'acme' } } } },
      { orderLine: { goods: 'bolts', order: { number: 1, tenant: { code: 'bolt' } } } },
      { orderLine: null },
    ]);
    expect(orderLine).toEqual({ goods: 'nuts', parcels: { totalCount: 1 } });
    expect(labels.nodes[1].orders).toEqual({
      nodes: [{ key: { tenantKey: 'acme', number: 1 } }, { key: { tenantKey: 'bolt', number: 3 } }],
      totalCount: 2,
    });
    expect(invoices.nodes).toEqual([
      { key: { tenantKey: 'bolt' }, order: { number: 1, invoice: { total: 20 } } },
      { key: { tenantKey: 'acme' }, order: { number: 2, invoice: { total: 10 } } },
    ]);
  });

  it('are written together, and refused where they do not agree', async () => {
    const { createOrder } = await ask(
      `mutation { createOrder(source: AZURE, input: { tenantKey: "bolt", number: 9, replacesKey: { tenantKey: "bolt", number: 3 }, lines: [{ line: 1, goods: "a" }, { line: 2, goods: "b" }], labelsConnect: [1] }) {
        order { key { tenantKey number } replaces { number } lines { nodes { goods } } labels { nodes { word } } } } }`,
    );
    expect(createOrder.order).toEqual({
      key: { tenantKey: 'bolt', number: 9 },
      replaces: { number: 3 },
      lines: { nodes: [{ goods: 'a' }, { goods: 'b' }] },
      labels: { nodes: [{ word: 'urgent' }] },
    });
    const create = await server.ask(
      'mutation { createOrder(source: AZURE, input: { tenantKey: "bolt", number: 10, replacesKey: { tenantKey: "acme", number: 1 } }) { __typename } }',
    );
    expect(create.errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', fields: [{ path: 'input.replacesKey' }] } },
    ]);
    const update = (replaces: string) =>
      server.ask(
        `mutation { updateOrder(source: AZURE, key: { tenantKey: "bolt", number: 9 }, input: { replacesKey: ${replaces} }) { order { key { tenantKey } replaces { number } } } }`,
      );
    expect((await update('{ tenantKey: "acme", number: 1 }')).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect((await update('null')).data.updateOrder.order).toEqual({
      key: { tenantKey: 'bolt' },
      replaces: null,
    });
    expect((await update('{ tenantKey: "bolt", number: 1 }')).data.updateOrder.order).toEqual({
      key: { tenantKey: 'bolt' },
      replaces: { number: 1 },
    });
    const invoice = await ask(
      'mutation { createInvoice(source: AZURE, input: { orderKey: { tenantKey: "bolt", number: 9 }, total: 5 }) { invoice { key { tenantKey number } order { invoice { total } } } } }',
    );
    expect(invoice.createInvoice.invoice).toEqual({
      key: { tenantKey: 'bolt', number: 9 },
      order: { invoice: { total: 5 } },
    });
  });
});

describe('a foreign key of which one column cannot be null', () => {
  const acme = (number: number) => `{ tenantKey: "acme", number: ${number} }`;

  it('leads to no row where another one is null, in what is read, filtered, counted and ordered', async () => {
    const { claims } = await ask(
      '{ claims(source: GCP) { nodes { key tenantCode order { key { number } replaces { number } } instead { number } } } }',
    );
    expect(claims.nodes).toEqual([
      { key: 1, tenantCode: 'acme', order: { key: { number: 1 }, replaces: null }, instead: { number: 2 } },
      { key: 2, tenantCode: 'acme', order: null, instead: { number: 1 } },
      { key: 3, tenantCode: 'bolt', order: { key: { number: 1 }, replaces: null }, instead: null },
      { key: 4, tenantCode: 'bolt', order: null, instead: null },
    ]);
    const keysWhere = async (where: string) => {
      const { list } = await ask(
        `{ list: claims(source: GCP, where: ${where}) { totalCount nodes { key } } }`,
      );
      expect(list.totalCount).toBe(list.nodes.length);
      return list.nodes.map(({ key }: { key: number }) => key);
    };
    expect(await keysWhere('{ order: { number: { isNull: true } } }')).toEqual([2, 4]);
    expect(await keysWhere('{ order: { tenant: { code: { isNull: true } } } }')).toEqual([2, 4]);
    expect(await keysWhere('{ order: { tenant: { code: { eq: "acme" } } } }')).toEqual([1]);
    expect(await keysWhere('{ not: { order: { number: { eq: 5 } } } }')).toEqual([1, 3]);
    expect(await keysWhere('{ order: { claims: { some: { text: { eq: "late" } } } } }')).toEqual([1]);
    expect(await keysWhere('{ order: { claims: { none: { text: { eq: "late" } } } } }')).toEqual([2, 3, 4]);
    const ordersWhere = async (where: string) => {
      const { list } = await ask(
        `{ list: orders(source: GCP, where: ${where}) { nodes { key { tenantKey number } } } }`,
      );
      return list.nodes.map(
        ({ key }: { key: { tenantKey: string; number: number } }) => `${key.tenantKey} ${key.number}`,
      );
    };
    expect(await ordersWhere('{ claims: { some: {} } }')).toEqual(['acme 1', 'bolt 1']);
    expect(await ordersWhere('{ claims: { count: { eq: 0 } } }')).toEqual(['acme 2', 'ACME 7', 'bolt 3']);
    expect(await ordersWhere('{ claims: { none: {} } }')).toEqual(['acme 2', 'ACME 7', 'bolt 3']);
    expect(await ordersWhere('{ claims: { every: { text: { eq: "late" } } } }')).toEqual([
      'acme 1',
      'acme 2',
      'ACME 7',
      'bolt 3',
    ]);
    for (const [direction, sorted] of [
      ['ASC', [2, 4, 1, 3]],
      ['DESC', [3, 1, 4, 2]],
    ] as const) {
      const keys: number[] = [];
      for (let after = ''; ; ) {
        const { list } = await ask(
          `{ list: claims(source: GCP, first: 1, orderBy: [{ order: { number: ${direction} } }]${after}) { nodes { key } pageInfo { hasNextPage endCursor } } }`,
        );
        for (const { key } of list.nodes) keys.push(key);
        if (!list.pageInfo.hasNextPage) break;
        after = `, after: "${list.pageInfo.endCursor}"`;
      }
      expect(keys).toEqual(sorted);
    }
  });

  it('is written with its row and without one, and keeps the column that others share', async () => {
    const created = await ask(
      `mutation {
        none: createClaim(source: AZURE, input: { tenantCode: "bolt", text: "a" }) { claim { key tenantCode order { number } } }
        null: createClaim(source: AZURE, input: { tenantCode: "bolt", orderKey: null, insteadKey: null, text: "b" }) { claim { tenantCode order { number } } }
        one: createClaim(source: AZURE, input: { orderKey: ${acme(2)}, text: "c" }) { claim { tenantCode order { number } instead { number } } }
        both: createClaim(source: AZURE, input: { tenantCode: "acme", orderKey: ${acme(2)}, insteadKey: ${acme(1)}, text: "d" }) { claim { order { number } instead { number } } }
        other: createClaim(source: AZURE, input: { orderKey: { tenantKey: "bolt", number: 3 }, insteadKey: null, text: "e" }) { claim { key tenantCode order { number } } } }`,
    );
    expect(created).toMatchObject({
      none: { claim: { tenantCode: 'bolt', order: null } },
      null: { claim: { tenantCode: 'bolt', order: null } },
      one: { claim: { tenantCode: 'acme', order: { number: 2 }, instead: null } },
      both: { claim: { order: { number: 2 }, instead: { number: 1 } } },
      other: { claim: { tenantCode: 'bolt', order: { number: 3 } } },
    });
    const refused = await server.ask(
      `mutation { createClaim(source: AZURE, input: { tenantCode: "bolt", orderKey: ${acme(1)}, text: "f" }) { __typename } }`,
    );
    expect(refused.errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', fields: [{ path: 'input.orderKey' }] } },
    ]);
    const gone = await server.ask(
      `mutation { createClaim(source: AZURE, input: { orderKey: ${acme(99)}, text: "f" }) { __typename } }`,
    );
    expect(gone.errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND', fields: [{ path: 'input.orderKey' }] } },
    ]);
    const { key } = created.none.claim;
    const set = (input: string, expected = '{}') =>
      server.ask(
        `mutation { updateClaim(source: AZURE, key: ${key}, input: { ${input} }, expected: ${expected}) { claim { tenantCode order { number } instead { number } } } }`,
      );
    const claim = async (answer: ReturnType<typeof set>) => {
      const { data, errors } = await answer;
      expect(errors).toBeUndefined();
      return data.updateClaim.claim;
    };
    expect(
      await claim(
        set('orderKey: { tenantKey: "bolt", number: 1 }', '{ orderKey: null, tenantCode: "bolt" }'),
      ),
    ).toEqual({ tenantCode: 'bolt', order: { number: 1 }, instead: null });
    expect((await set('orderKey: null', '{ orderKey: null }')).errors).toMatchObject([
      { extensions: { code: 'CONFLICT', fields: [{ path: 'expected.orderKey' }] } },
    ]);
    expect(await claim(set('orderKey: null', '{ orderKey: { tenantKey: "bolt", number: 1 } }'))).toEqual({
      tenantCode: 'bolt',
      order: null,
      instead: null,
    });
  });

  it('is not pointed to another row by what is said of another property', async () => {
    const set = (input: string) =>
      server.ask(
        `mutation { updateClaim(source: AZURE, key: 1, input: { ${input} }) { claim { tenantCode order { number } instead { number } } } }`,
      );
    const bolt = (number: number) => `{ tenantKey: "bolt", number: ${number} }`;
    // There is an order 1 of bolt, too, to which the claim would belong then.
    for (const [input, path, other] of [
      ['tenantCode: "bolt"', 'tenantCode', 'orderKey'],
      [`insteadKey: ${bolt(3)}`, 'insteadKey', 'tenantCode'],
      [`tenantCode: "bolt", insteadKey: ${bolt(3)}`, 'tenantCode', 'orderKey'],
    ]) {
      const { errors } = await set(input as string);
      expect(errors, input).toMatchObject([
        {
          extensions: {
            code: 'BAD_USER_INPUT',
            fields: expect.arrayContaining([
              { path: `input.${path}`, message: expect.stringContaining(`would change ${other}`) },
            ]),
          },
        },
      ]);
    }
    const { data } = await server.ask(
      '{ claim(source: AZURE, key: 1) { tenantCode order { number } instead { number } } }',
    );
    expect(data.claim).toEqual({ tenantCode: 'acme', order: { number: 1 }, instead: { number: 2 } });
    // All of them together may.
    const all = await set(`tenantCode: "bolt", orderKey: ${bolt(1)}, insteadKey: null`);
    expect(all.errors).toBeUndefined();
    expect(all.data.updateClaim.claim).toEqual({ tenantCode: 'bolt', order: { number: 1 }, instead: null });
    // What leads to no row does not hold the column.
    const back = await set(`tenantCode: "acme", orderKey: ${acme(1)}`);
    expect(back.errors).toBeUndefined();
    expect(back.data.updateClaim.claim).toEqual({ tenantCode: 'acme', order: { number: 1 }, instead: null });
    expect((await set(`insteadKey: ${acme(2)}`)).errors).toBeUndefined();
  });

  it('is created, connected and disconnected from the other side', async () => {
    const { createOrder } = await ask(
      'mutation { createOrder(source: AZURE, input: { tenantKey: "acme", number: 20, claims: [{ text: "x" }, { tenantCode: "acme", text: "y" }] }) { order { claims { nodes { key text tenantCode } } } } }',
    );
    const claims = createOrder.order.claims.nodes;
    expect(claims).toEqual([
      { key: expect.any(Number), text: 'x', tenantCode: 'acme' },
      { key: expect.any(Number), text: 'y', tenantCode: 'acme' },
    ]);
    const change = (tenant: string, number: number, input: string) =>
      server.ask(
        `mutation { updateOrder(source: AZURE, key: { tenantKey: "${tenant}", number: ${number} }, input: { ${input} }) { order { claims { nodes { key tenantCode } } } } }`,
      );
    const left = await change('acme', 20, `claimsDisconnect: [${claims[0].key}]`);
    expect(left.data.updateOrder.order.claims.nodes).toEqual([{ key: claims[1].key, tenantCode: 'acme' }]);
    const { data } = await server.ask(
      `{ claim(source: AZURE, key: ${claims[0].key}) { tenantCode order { number } } }`,
    );
    expect(data.claim).toEqual({ tenantCode: 'acme', order: null });
    const back = await change('acme', 20, `claimsConnect: [${claims[0].key}]`);
    expect(back.data.updateOrder.order.claims.nodes).toHaveLength(2);
    // The tenant of the claim stays.
    expect((await change('bolt', 1, `claimsConnect: [${claims[0].key}]`)).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND', fields: [{ path: 'input.claimsConnect.0' }] } },
    ]);
    const wrong = await server.ask(
      'mutation { createOrder(source: AZURE, input: { tenantKey: "bolt", number: 21, claims: [{ tenantCode: "acme", text: "x" }] }) { __typename } }',
    );
    expect(wrong.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

it('are no drift from their entities', async () => {
  const { drift } = await ask('{ drift { azure { findings { object } } } }');
  const objects = drift.azure.findings.map(({ object }: { object: string }) => object);
  expect(objects.filter((object: string) => object.endsWith('.PRIMARY'))).toEqual([]);
  expect(objects.filter((object: string) => object.startsWith('claims.'))).toEqual([]);
});
