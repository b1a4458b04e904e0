import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import { createDomain, idOf } from '../helpers/domain-inputs.ts';
import { holds, type Row } from '../helpers/filter-oracle.ts';
import { type Domain, type DomainTable, tableNamed, targetOf } from '../helpers/random-domain.ts';
import { inOrder, type RandomStep, randomOrder, randomWhere, toOrderBy } from '../helpers/random-reads.ts';
import { seed } from '../helpers/random-seed.ts';
import { insertVisits, type RentalServer, randomRentals, startRental } from '../helpers/rental.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/rental/index.ts'));

// The second domain: a shop that rents films, of 16 tables and two views. Random rows, and random questions about each of its tables.

const cases = process.env.TANDEM_LONG === '1' ? 2000 : 30;
const rowsATable = 30;

let server: RentalServer;
let domain: Domain;
const created = new Map<string, Map<string, Row[]>>();
beforeAll(async () => {
  server = await startRental({ bothExecutors: true });
  domain = randomRentals(server, rowsATable);
  for (const source of sourceNames) created.set(source, await createDomain(domain, source, server.data));
  await insertVisits(server, domain);
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());

it('mutations make the rows as they are given, with the ids that follow from their keys', () => {
  for (const source of sourceNames) {
    for (const table of domain.tables.filter(({ readOnly }) => !readOnly)) {
      const rows = (domain.written.get(table.name) as Row[]).map((row) => ({
        id: idOf(domain, row, source),
        ...Object.fromEntries(table.columns.map(({ field }) => [field.name, row[field.name]])),
      }));
      expect(rows.length, table.name).toBeGreaterThan(5);
      expect(created.get(source)?.get(table.name), `${table.name}, seed ${seed}`).toEqual(rows);
    }
  }
});

interface Question {
  /** Its name: fast-check prints questions. */
  readonly table: string;
  readonly where: Row;
  readonly order: readonly RandomStep[];
  readonly size: number;
  readonly backward: boolean;
}

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
    rows.filter((row) => holds(row, where, domain.relations, domain.comparesOf) === true),
    order,
  );
  const at = from === undefined ? -1 : found.indexOf(from);
  const rest = from === undefined ? found : backward ? found.slice(0, at) : found.slice(at + 1);
  const page = backward ? rest.slice(Math.max(0, rest.length - size)) : rest.slice(0, size);
  return { total: found.length, page, more: rest.length > page.length };
}

const argumentsOf = ({ table, backward }: Question, n: string) => {
  return {
    declared: `$w${n}: ${table}Where, $o${n}: [${table}OrderBy!], $s${n}: Int, $c${n}: String`,
    given: `where: $w${n}, orderBy: $o${n}, ${backward ? 'last' : 'first'}: $s${n}, ${backward ? 'before' : 'after'}: $c${n}`,
    cursor: backward ? 'startCursor' : 'endCursor',
    more: backward ? 'hasPreviousPage' : 'hasNextPage',
  };
};
const valuesOf = ({ where, order, size }: Question, n: string, cursor: string | null) => ({
  [`w${n}`]: where,
  [`o${n}`]: toOrderBy(order),
  [`s${n}`]: size,
  [`c${n}`]: cursor,
});

it(`every question about every table finds the rows that it finds in memory, below rows and behind cursors, too (${cases} cases, TANDEM_TEST_SEED=${seed})`, async () => {
  // Rows without a key are asked for in keyless.test.ts.
  const tables = domain.tables.filter(({ isKeyless }) => !isKeyless);
  const questions = fc
    .nat(tables.length - 1)
    .chain((at) => {
      const table = tables[at] as DomainTable;
      const lists = table.relations.filter(
        (field) => field.kind === 'many' && !targetOf(domain, field).isKeyless,
      );
      const list = lists.length === 0 ? fc.constant(null) : fc.constantFrom(...lists);
      return fc.tuple(questionOf(table, rowsATable), list);
    })
    .chain(([outer, list]) =>
      fc.tuple(
        fc.constant(outer),
        fc.constant(list?.name ?? null),
        list === null ? fc.constant(null) : questionOf(targetOf(domain, list), 5),
      ),
    );
  await fc.assert(
    fc.asyncProperty(questions, async ([outer, list, inner]) => {
      const asked = JSON.stringify([outer, list, inner]);
      const root = argumentsOf(outer, '0');
      const below = inner && argumentsOf(inner, '1');
      const page = (at: { cursor: string; more: string }, nodes: string) =>
        `{ totalCount nodes { id ${nodes} } pageInfo { ${at.cursor} ${at.more} } }`;
      const nested = list && below ? `${list}(${below.given}) ${page(below, '')}` : '';
      const ask = async (cursors: readonly (string | null)[]) => {
        const { data, errors } = await server.ask(
          `query (${root.declared}${below ? `, ${below.declared}` : ''}) { list: ${tableNamed(domain, outer.table).many}(source: AZURE, ${root.given}) ${page(root, nested)} }`,
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
        nodes: rows.map((row) => ({ id: idOf(domain, row) })),
        pageInfo: { [at.more]: more, [at.cursor]: rows.length === 0 ? null : expect.any(String) },
      });
      const expected = (from?: Row) => {
        const found = answered(domain.rows.get(outer.table) as Row[], outer, from);
        const all = shape(found, root);
        if (!list || !inner || !below) return { found, all };
        const nodes = found.page.map((row) => ({
          id: idOf(domain, row),
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
      expect(await ask([answer.pageInfo[root.cursor]]), `${asked} from ${idOf(domain, last)}`).toEqual(
        expected(last).all,
      );
    }),
    { seed, numRuns: cases, endOnFailure: true },
  );
}, 900_000);
