import type { GraphQLSchema } from 'graphql';
import { expect } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import { askAs } from './api-key-callers.ts';
import { asMigrator, pool, type TestDatabases } from './databases.ts';
import { type Pools, randomOperation } from './random-operations.ts';
import { seed } from './random-seed.ts';
import type { TestServer } from './server.ts';

/** An account has 20 sessions on a server, which the servers of a test share: one that took them all would be a difference. */
export const besideOthers = { ...pool, acquireTimeoutMs: 20_000, max: 5 } as const;

/** Lets keys of new rows count up from the same number everywhere: they would tell how many hidden rows there are. */
export async function evenOutNewKeys(
  pairs: readonly TestDatabases[],
  tables: readonly string[],
): Promise<void> {
  const statements = tables.map((table) => `alter table ${table} auto_increment = 1000000`);
  for (const { config } of pairs)
    for (const name of sourceNames) await asMigrator(config.databases[name], statements);
}

/** How many operations were sent, and how many had an answer that is not null. */
export interface Answered {
  reads: number;
  read: number;
  writes: number;
  written: number;
}

/**
 * Sends the same random operations of a role to two servers whose databases differ only in what the role may not see, and expects the same
 * answers byte by byte, errors included.
 *
 * @param schema that of the role
 */
export async function expectSameAnswers(
  servers: readonly [TestServer, TestServer],
  {
    role,
    schema,
    pools,
    count,
  }: {
    readonly role: string;
    readonly schema: GraphQLSchema;
    readonly pools: Pools;
    readonly count: number;
  },
): Promise<Answered> {
  // Random operations seldom have many cursors of one list.
  for (const { name, args } of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    if (!args.some((arg) => arg.name === 'first') || !args.some((arg) => arg.name === 'source')) continue;
    const query = `{ ${name}(source: AZURE, first: 50) { totalCount edges { cursor } pageInfo { startCursor endCursor } } }`;
    const [own, other] = await Promise.all(servers.map((server) => askAs(server, role, query)));
    expect(own?.errors, query).toBeUndefined();
    expect(textOf(other), `${role}: ${query}`).toBe(textOf(own));
  }
  const answered: Answered = { reads: 0, read: 0, writes: 0, written: 0 };
  for (let at = 0; at < count; at += 1) {
    const { query, variables, isMutation } = randomOperation(schema, seed + at, pools);
    const [own, other] = await Promise.all(servers.map((server) => askAs(server, role, query, variables)));
    expect(textOf(other), `seed ${seed + at}, ${role}: ${query} ${JSON.stringify(variables)}`).toBe(
      textOf(own),
    );
    const hasData = Object.values(own?.data ?? {}).some((value) => value !== null);
    answered[isMutation ? 'writes' : 'reads'] += 1;
    if (hasData) answered[isMutation ? 'written' : 'read'] += 1;
  }
  if (process.env.TANDEM_LONG === '1') console.log(`${role}: seed ${seed}, ${JSON.stringify(answered)}`);
  return answered;
}

/** The whole answer but for what is of the one request: its id, the time, and whether a source that was slow let the other one answer. */
function textOf(answer: Awaited<ReturnType<typeof askAs>> | undefined): string {
  const { headers = new Headers(), extensions = {}, ...body } = answer ?? {};
  const { fallbacks: _, ...others } = extensions;
  const named = [...headers].filter(([name]) => !['x-request-id', 'date', 'content-length'].includes(name));
  return JSON.stringify({ ...body, extensions: others, headers: named });
}
