import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AccessRules } from '../../src/access/permission.ts';
import { statements } from '../fixtures/computed.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { post, startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/computed.ts'));
vi.mock('../../src/resolvers/index.ts', async (original) => {
  const { resolversOf } = (await original()) as { resolversOf: (tables: never) => readonly unknown[] };
  const { MemberResolver } = await import('../fixtures/computed.ts');
  return { resolversOf: (tables: never) => [...resolversOf(tables), MemberResolver] };
});

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({ statements });
  server = await startServer(databases.config, { bothExecutors: true });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

async function ask(query: string) {
  const { data, errors } = await server.ask(query);
  expect(errors).toBeUndefined();
  return data;
}

describe('a computed field', () => {
  it('has its value where none of its columns is selected, in rows, lists, nodes and payloads', async () => {
    const data = await ask(`{
      members(source: AZURE, first: 2) { nodes { fullName mentor { fullName isRich planet } } edges { node { isRich } } }
      member(source: GCP, key: 2) { planet id fullName }
      membersCompared(first: 1) { nodes { status azure { fullName } } } }`);
    expect(data).toEqual({
      members: {
        nodes: [
          { fullName: 'Ada Byron', mentor: null },
          { fullName: 'Bo', mentor: { fullName: 'Ada Byron', isRich: true, planet: 'Earth' } },
        ],
        edges: [{ node: { isRich: true } }, { node: { isRich: false } }],
      },
      member: { planet: 'Earth', id: expect.any(String), fullName: 'Bo' },
      membersCompared: { nodes: [{ status: 'SAME', azure: { fullName: 'Ada Byron' } }] },
    });
    const { node } = await ask(
      `{ node(id: "${data.member.id}") { ... on Member { name: fullName firstName fullName } } }`,
    );
    expect(node).toEqual({ name: 'Bo', firstName: 'Bo', fullName: 'Bo' });
    const created = await ask(
      'mutation { createMember(source: AZURE, input: { firstName: "Cy", lastName: "Young", income: 2000 }) { member { initials isRich } } }',
    );
    expect(created.createMember.member).toEqual({ initials: 'CY', isRich: true });
  });

  it('reads its columns alone, in the statement of the row', async () => {
    const sent = await statementsOf(server.sources.AZURE, () =>
      post(server.url, '{ members(source: AZURE) { nodes { isRich } } }'),
    );
    expect(sent).toEqual([expect.stringContaining('`income`')]);
    expect(sent[0]).not.toContain('first_name');
  });

  it('is in no filter, order, input, aggregate or comparison', async () => {
    const data = await ask(`{
      where: __type(name: "MemberWhere") { inputFields { name } }
      order: __type(name: "MemberOrderBy") { inputFields { name } }
      input: __type(name: "CreateMemberInput") { inputFields { name } }
      values: __type(name: "MemberValues") { fields { name } } }`);
    expect(JSON.stringify(data)).not.toMatch(/fullName|isRich|planet|initials|owed/);
  });

  it('that fails is an error of its own, without what it says, and the others stand', async () => {
    const { data, errors } = await server.ask('{ members(source: GCP) { nodes { fullName initials } } }');
    expect(data.members.nodes).toEqual([
      { fullName: 'Ada Byron', initials: 'AB' },
      { fullName: 'Bo', initials: null },
      { fullName: 'Broken One', initials: null },
    ]);
    expect(errors).toMatchObject([{ path: ['members', 'nodes', 2, 'initials'] }]);
    expect(JSON.stringify([errors, server.log])).not.toContain('secret');
  });

  it('of a resolver beside the class has the columns that it needs, too', async () => {
    const { member } = await ask('{ member(source: AZURE, key: 1) { owed(percent: 10) } }');
    expect(member).toEqual({ owed: 500 });
  });
});

describe('a role', () => {
  const rules: AccessRules = {
    roles: { names: { description: 'A test.' }, all: { description: 'A test.' } },
    tables: {
      Member: { names: { read: { columns: ['firstName', 'lastName'] } }, all: { read: true } },
    } as never,
  };

  it('has the computed fields whose columns it may read, and no others', async () => {
    const auth = await authFor({ names: { roles: ['names'] }, all: { roles: ['all'] } });
    await using guarded = await startServer({ ...databases.config, auth }, { rules });
    const read = (caller: string, fields: string) =>
      askAs(guarded, caller, `{ member(source: AZURE, key: 1) { ${fields} } }`);
    expect((await read('all', 'fullName isRich owed(percent: 1) planet')).data.member).toEqual({
      fullName: 'Ada Byron',
      isRich: true,
      owed: 50,
      planet: 'Earth',
    });
    expect((await read('names', 'fullName planet')).data.member).toEqual({
      fullName: 'Ada Byron',
      planet: 'Earth',
    });
    for (const field of ['isRich', 'owed(percent: 100)', 'income']) {
      const { errors } = await read('names', field);
      expect(errors?.[0]?.extensions.code, field).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });
});
