import { isInputObjectType, parse, specifiedRules, validate, validateSchema } from 'graphql';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { permissionOf } from '../../src/access/permission.ts';
import { fieldsOf } from '../../src/column-types/entity-fields.ts';
import { tableOf } from '../../src/entities/table.ts';
import { knownOperationTypes } from '../../src/graphql/known-operation-types.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { sourceNames } from '../../src/source-name.ts';
import { entities, hiddenFrom, rules, statements } from '../fixtures/keys/guarded.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { columnPositions } from '../helpers/column-positions.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { besideOthers, evenOutNewKeys, expectSameAnswers } from '../helpers/non-interference.ts';
import { roleSchemas } from '../helpers/role-schemas.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/keys/guarded.ts'));

// Roles over composite keys, tables between, and tables without a key.

const count = process.env.TANDEM_LONG === '1' ? 5000 : 60;
const roles = Object.keys(rules.roles);
const opened: AsyncDisposable[] = [];
/** What the server validates by, its limits left out. */
const asServed = [...specifiedRules, knownOperationTypes];

const wholeSchema = createSchema();
const ownSchema = roleSchemas(wholeSchema, rules, entities);

async function start(): Promise<{ databases: TestDatabases; server: TestServer }> {
  const databases = await createDatabases({ migrated: false, statements });
  const auth = await authFor({
    administrator: { roles: ['administrator'] },
    ...Object.fromEntries(roles.map((role) => [role, { roles: [role], claims: { tenant: 't1' } }])),
  });
  const server = await startServer({ ...databases.config, auth, pool: besideOthers }, { rules });
  opened.push(server, databases);
  return { databases, server };
}

afterAll(async () => {
  for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
});

const lists = [
  'orders',
  'orderLines',
  'parcels',
  'filmActors',
  'awards',
  'actors',
  'readings',
  'coins',
  'sensors',
  'labels',
];
async function poolsOf(of: TestServer) {
  const keyless = ['readings', 'coins'];
  const fields = lists.map(
    (list) =>
      `${list}(source: AZURE, first: 50) { edges { cursor } ${keyless.includes(list) ? '' : 'nodes { id }'} }`,
  );
  const { data, errors } = await askAs(of, 'administrator', `{ ${fields.join(' ')} }`);
  expect(errors).toBeUndefined();
  const found = Object.values(data) as { edges: { cursor: string }[]; nodes?: { id: string }[] }[];
  return {
    ids: found.flatMap(({ nodes = [] }) => nodes.map(({ id }) => id)),
    cursors: found.flatMap(({ edges }) => edges.map(({ cursor }) => cursor)),
    words: [
      't1',
      't2',
      't3',
      'goods1',
      'goods2',
      'red',
      'secret',
      'Ann',
      'Abe',
      'Bob',
      'One',
      'low',
      'LOW',
      'North',
      'South',
      'award1',
    ],
  };
}

describe.each(roles)('to the role %s', (role) => {
  it.each(Object.entries(columnPositions))('columns are granted or refused: %s', async (_position, make) => {
    const whole = await wholeSchema;
    const own = await ownSchema(role);
    let tried = 0;
    for (const entity of entities) {
      const { many, one } = tableOf(entity) as { many: string; one: string };
      for (const { name, kind } of fieldsOf(entity)) {
        if (kind === 'one' || kind === 'many') continue;
        const query = make({ many, one, type: entity.name }, name);
        if (validate(whole, parse(query)).length > 0) continue;
        tried += 1;
        const read = permissionOf(rules, role, entity.name, 'read');
        const isGranted =
          read !== undefined && (name === 'key' || (read.columns?.includes(name as never) ?? true));
        expect(validate(own, parse(query), asServed).length === 0, query).toBe(isGranted);
      }
    }
    expect(tried).toBeGreaterThan(0);
  });

  it('inputs of changes have columns alone that it may read: what is expected of others would tell them', async () => {
    const schema = await ownSchema(role);
    for (const entity of entities) {
      const { one } = tableOf(entity) as { one: string };
      const input = schema.getType(`Update${one.charAt(0).toUpperCase()}${one.slice(1)}Input`);
      if (!isInputObjectType(input)) continue;
      const columns = permissionOf(rules, role, entity.name, 'read')?.columns as
        | readonly string[]
        | undefined;
      for (const { name, kind } of fieldsOf(entity)) {
        if (columns === undefined || kind === 'many' || columns.includes(name)) continue;
        expect(input.getFields(), `${entity.name}.${name}`).not.toHaveProperty(
          kind === 'one' ? `${name}Key` : name,
        );
      }
    }
  });

  it('answers are the same whatever it may not see, with ids and cursors that only others have', async () => {
    const [one, two] = [await start(), await start()];
    // Of each cloud others, so that comparisons have something to tell of, too.
    for (const name of sourceNames)
      await asMigrator(
        two.databases.config.databases[name],
        (hiddenFrom[role] ?? []).slice(0, name === 'GCP' ? undefined : -2),
      );
    const numbered = ['parcels', 'labels', 'actors', 'films', 'awards', 'sensors'];
    await evenOutNewKeys([one.databases, two.databases], numbered);
    const schema = await ownSchema(role);
    expect(validateSchema(schema)).toEqual([]);
    const answered = await expectSameAnswers([one.server, two.server], {
      role,
      schema,
      pools: await poolsOf(one.server),
      count,
    });
    expect(answered.read).toBeGreaterThan(answered.reads / 5);
  }, 3_600_000);
});
