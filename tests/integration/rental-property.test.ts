import { MikroORM } from '@mikro-orm/mysql';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { AccessRules, TablePermission } from '../../src/access/permission.ts';
import { driftOf } from '../../src/drift/drift.ts';
import { sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import type { FilmActor } from '../fixtures/sakila/rental-entities.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { pool } from '../helpers/databases.ts';
import { holds, type Row } from '../helpers/oracle.ts';
import {
  type Domain,
  type DomainTable,
  inOrder,
  randomDomain,
  randomOrder,
  randomWhere,
  toOrderBy,
} from '../helpers/random-domain.ts';
import { type SakilaServer, startSakila } from '../helpers/sakila.ts';
import { seed } from '../helpers/seed.ts';
import { startServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/sakila/rental-entities.ts'));

// The second domain: a shop that rents films, of 16 tables. Random rows, and random questions about each of its tables.

const cases = process.env.TANDEM_LONG === '1' ? 2000 : 30;
const rowsATable = 30;

let server: SakilaServer;
let domain: Domain;
beforeAll(async () => {
  server = await startSakila({ tables: 'rental', lavish: true, bothExecutors: true });
  domain = randomDomain(server.sources.AZURE.orm.getMetadata(), rowsATable, seed);
  for (const source of sourceNames) await server.fill(source, domain.inserts);
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());

interface Question {
  /** Its name: fast-check prints questions. */
  readonly table: string;
  readonly where: Row;
  readonly order: readonly (readonly [readonly string[], 'ASC' | 'DESC'])[];
  readonly size: number;
  readonly backward: boolean;
}

const named = (table: string) => domain.tables.find(({ name }) => name === table) as DomainTable;
const targetOf = (table: string, list: string) => {
  const [field] = named(table).relations.filter(({ name }) => name === list);
  const type = field?.type() as { readonly name: string } | undefined;
  return named(type?.name ?? '');
};

function questionOf(table: DomainTable, most: number): fc.Arbitrary<Question> {
  return fc.record({
    table: fc.constant(table.name),
    where: fc.oneof(fc.constant({}), randomWhere(domain, table)) as fc.Arbitrary<Row>,
    order: randomOrder(domain, table),
    size: fc.integer({ min: 1, max: most }),
    backward: fc.boolean(),
  });
}

/** The rows that a question finds among some, those of the page, and whether there are more. */
function answered(rows: readonly Row[], { where, order, size, backward }: Question, from?: Row) {
  const found = inOrder(
    domain,
    rows.filter((row) => holds(row, where, domain.relations) === true),
    order,
  );
  const at = from === undefined ? -1 : found.indexOf(from);
  const rest = from === undefined ? found : backward ? found.slice(0, at) : found.slice(at + 1);
  const page = backward ? rest.slice(Math.max(0, rest.length - size)) : rest.slice(0, size);
  return { total: found.length, page, more: rest.length > page.length };
}

const argumentsOf = ({ table, backward }: Question, n: string) => ({
  declared: `$w${n}: ${table}Where, $o${n}: [${table}OrderBy!], $s${n}: Int, $c${n}: String`,
  given: `where: $w${n}, orderBy: $o${n}, ${backward ? 'last' : 'first'}: $s${n}, ${backward ? 'before' : 'after'}: $c${n}`,
  cursor: backward ? 'startCursor' : 'endCursor',
  more: backward ? 'hasPreviousPage' : 'hasNextPage',
});
const valuesOf = ({ where, order, size }: Question, n: string, cursor: string | null) => ({
  [`w${n}`]: where,
  [`o${n}`]: toOrderBy(order),
  [`s${n}`]: size,
  [`c${n}`]: cursor,
});

it(`every question about every table finds the rows that it finds in memory, below rows and behind cursors, too (${cases} cases, TANDEM_TEST_SEED=${seed})`, async () => {
  const questions = fc
    .nat(domain.tables.length - 1)
    .chain((at) => {
      const table = domain.tables[at] as DomainTable;
      const lists = table.relations.filter(({ kind }) => kind === 'many');
      const list = lists.length === 0 ? fc.constant(null) : fc.constantFrom(...lists.map(({ name }) => name));
      return fc.tuple(questionOf(table, rowsATable), list);
    })
    .chain(([outer, list]) =>
      fc.tuple(
        fc.constant(outer),
        fc.constant(list),
        list === null ? fc.constant(null) : questionOf(targetOf(outer.table, list), 5),
      ),
    );
  await fc.assert(
    fc.asyncProperty(questions, async ([outer, list, inner]) => {
      const asked = JSON.stringify([outer, list, inner]);
      const root = argumentsOf(outer, '0');
      const below = inner && argumentsOf(inner, '1');
      const page = (at: { cursor: string; more: string }, nodes: string) =>
        `{ totalCount nodes { key ${nodes} } pageInfo { ${at.cursor} ${at.more} } }`;
      const nested = list && below ? `${list}(${below.given}) ${page(below, '')}` : '';
      const ask = async (cursors: readonly (string | null)[]) => {
        const { data, errors } = await server.ask(
          `query (${root.declared}${below ? `, ${below.declared}` : ''}) { list: ${named(outer.table).many}(source: AZURE, ${root.given}) ${page(root, nested)} }`,
          {
            ...valuesOf(outer, '0', cursors[0] ?? null),
            ...(inner && valuesOf(inner, '1', cursors[1] ?? null)),
          },
        );
        expect(errors, `${asked}\n${server.log.slice(-2).join('')}`).toBeUndefined();
        return data.list;
      };
      const shape = (
        { total, page: rows, more }: ReturnType<typeof answered>,
        at: { more: string; cursor: string },
      ) => ({
        totalCount: total,
        nodes: rows.map(({ key }) => ({ key })),
        pageInfo: { [at.more]: more, [at.cursor]: rows.length === 0 ? null : expect.any(String) },
      });
      const expected = (from?: Row) => {
        const found = answered(domain.rows.get(outer.table) as Row[], outer, from);
        const all = shape(found, root);
        if (!list || !inner || !below) return { found, all };
        const nodes = found.page.map((row) => ({
          key: row.key,
          [list]: shape(answered(domain.relations(row, list) as Row[], inner), below),
        }));
        return { found, all: { ...all, nodes } };
      };
      const first = expected();
      const answer = await ask([]);
      expect(answer, asked).toEqual(first.all);
      const { page: rows } = first.found;
      if (rows.length === 0) return;
      const last = (outer.backward ? rows[0] : rows.at(-1)) as Row;
      expect(await ask([answer.pageInfo[root.cursor]]), `${asked} from ${last.key}`).toEqual(
        expected(last).all,
      );
    }),
    { seed, numRuns: cases, endOnFailure: true },
  );
}, 900_000);

it.each(sourceNames)('the tables are those of the entities: %s', async (source) => {
  const { migrator } = server.config.databases[source];
  const options = ormOptions(source, server.config.databases[source], migrator, pool);
  const orm = await MikroORM.init(options);
  try {
    const { findings } = await driftOf(source, orm, orm.em.fork());
    // No migration made them.
    expect(findings.filter(({ kind }) => kind !== 'MIGRATION')).toEqual([]);
  } finally {
    await orm.close(true);
  }
});

it('a table between that an entity maps has its own permissions where rows are connected through it', async () => {
  const rules: AccessRules = {
    roles: { clerk: { description: 'A test.' }, helper: { description: 'A test.' } },
    tables: {
      Film: { clerk: { read: true, update: true }, helper: { read: true, update: true } },
      Actor: { clerk: { read: true }, helper: { read: true } },
      FilmActor: {
        clerk: {
          read: true,
          create: { sources: ['AZURE'] },
          delete: { rows: { role: { eq: 'Extra' } } },
        },
        helper: { read: true },
      } satisfies Record<string, TablePermission<FilmActor>>,
    },
  };
  const auth = await authFor({ clerk: { roles: ['clerk'] }, helper: { roles: ['helper'] } });
  await using guarded = await startServer({ ...server.config, auth }, { rules });
  const change = async (caller: string, source: string, input: string) => {
    const { data, errors } = await askAs(
      guarded,
      caller,
      `mutation { updateFilm(source: ${source}, key: 1, input: { ${input} }) { film { key } } }`,
    );
    return errors?.[0]?.extensions?.code ?? data.updateFilm.film.key;
  };
  await server.sql('AZURE', 'delete from film_actor where film_id = 1');
  await server.sql('GCP', 'delete from film_actor where film_id = 1');
  expect(await change('helper', 'AZURE', 'actorsConnect: [3]')).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await change('clerk', 'GCP', 'actorsConnect: [3]')).toBe('FORBIDDEN');
  expect(await change('clerk', 'AZURE', 'actorsConnect: [3, 4]')).toBe(1);
  await server.sql('AZURE', "update film_actor set role = 'Lead' where film_id = 1 and actor_id = 4");
  expect(await change('clerk', 'AZURE', 'actorsDisconnect: [4]')).toBe('NOT_FOUND');
  expect(await change('clerk', 'AZURE', 'actorsDisconnect: [3]')).toBe(1);
  expect(await server.sql('AZURE', 'select actor_id from film_actor where film_id = 1')).toEqual([
    { actor_id: 4 },
  ]);
});
