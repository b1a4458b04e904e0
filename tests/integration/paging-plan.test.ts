import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Patient } from '../../src/entities/patient.ts';
import { encodeCursor } from '../../src/reads/cursor.ts';
import { planPage } from '../../src/reads/page.ts';
import { createProjection } from '../../src/reads/select-spec.ts';
import { createStatements } from '../../src/reads/statement-cache.ts';
import { seed } from '../../src/seeders/seed.ts';
import { openSources, type Sources } from '../../src/sources/sources.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';

// A deep page costs what the first one costs: the server enters an index at the cursor and reads on from there.

const count = 20_000;
let databases: TestDatabases;
let sources: Sources;

beforeAll(async () => {
  databases = await createDatabases();
  sources = await openSources(databases.config);
  await seed(sources.AZURE, count);
});
afterAll(async () => {
  await sources?.close();
  await databases?.[Symbol.asyncDispose]();
});

/** Rows that the server touched to answer a page: https://dev.mysql.com/doc/refman/8.4/en/server-status-variables.html#statvar_Handler_read_next */
async function explained(request: Parameters<typeof planPage>[1]) {
  const { orm } = sources.AZURE;
  const meta = orm.getMetadata().get(Patient as never) as never;
  const { range } = planPage(meta, request);
  const { values, size, ...rest } = range;
  const { sql, params } = createStatements(orm.em.fork())(
    { projection: createProjection({ meta, columns: ['key', 'lastName'] }), ...rest, limit: size },
    values.list,
  );
  return sources.AZURE.write(async (em) => {
    const handlers = async () => {
      const rows = await em.execute<{ Value: string }[]>("show session status like 'Handler_read%'");
      return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
    };
    const before = await handlers();
    await em.execute(
      sql,
      params.map((param, at) => (at === params.length - 1 ? Number(param) : param)),
    );
    const after = await handlers();
    const [plan] = await em.execute<{ type: string; key: string; Extra: string }[]>(
      `explain format=traditional ${sql}`,
      params.map((param, at) => (at === params.length - 1 ? Number(param) : param)),
    );
    return { ...plan, touched: after - before };
  });
}

describe('a page in the order of the keys', () => {
  it.each([1, count / 2, count - 50])(
    'after row %i reads a range of the primary key, twenty rows and one',
    async (key) => {
      const order = [{ property: 'key', direction: 'asc' }] as const;
      const { type, key: index, touched: rows } = await explained({ after: encodeCursor(order, { key }) });
      expect({ type, index }).toEqual({ type: 'range', index: 'PRIMARY' });
      expect(rows).toBeLessThan(60);
    },
  );
});

describe('a page in the order of a column', () => {
  it.each(['1935-01-01', '1975-01-01', '2019-06-01'])(
    'after %s reads a range of its index',
    async (dateOfBirth) => {
      const order = [
        { property: 'dateOfBirth', direction: 'asc' },
        { property: 'key', direction: 'asc' },
      ] as const;
      const {
        type,
        key: index,
        touched: rows,
        Extra,
      } = await explained({
        orderBy: [{ dateOfBirth: 'ASC' }],
        after: encodeCursor(order, { dateOfBirth, key: 1 }),
      });
      expect({ type, index }).toEqual({ type: 'range', index: 'patients_date_of_birth_index' });
      expect(Extra).not.toContain('filesort');
      expect(rows).toBeLessThan(100);
    },
  );
});
