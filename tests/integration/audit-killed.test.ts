import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAuditClient } from '../../src/audit/client.ts';
import { sealTrail } from '../../src/audit/sealer.ts';
import { verifyTrail } from '../../src/audit/verify.ts';
import { randomStream } from '../../src/seeders/random.ts';
import { type AuditedDatabases, createAuditedDatabases } from '../helpers/audit-trail.ts';
import { environmentOf } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { seed } from '../helpers/random-seed.ts';
import { startServer } from '../helpers/server.ts';
import { startServing } from '../helpers/serving.ts';

/** Processes that are killed, which cost a start each, and connections; TANDEM_LONG=1 kills 200 processes. */
const isLong = process.env.TANDEM_LONG === '1';
const processes = isLong ? 200 : 1;
const connections = isLong ? 200 : 20;

/** Processes that start and write at a time. */
const lanes = isLong ? 4 : 1;

let databases: AuditedDatabases;
const random = randomStream(seed);

beforeAll(async () => {
  databases = await createAuditedDatabases();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

/** Writes as fast as it goes, whatever becomes of it, until `stop` is called. */
function writeTo(url: string) {
  let over = false;
  let answers = 0;
  const ask = async (query: string) => {
    try {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        signal: AbortSignal.timeout(10_000),
      });
      const { data } = (await response.json()) as { data?: { createPatient?: { patient: { key: number } } } };
      answers += 1;
      return data?.createPatient?.patient.key;
    } catch {
      return undefined;
    }
  };
  const writer = async () => {
    while (!over) {
      const key = await ask(
        `mutation { createPatient(source: AZURE, input: { firstName: "K", lastName: "K", dateOfBirth: "1990-01-01", gender: OTHER, records: [{ diagnosis: "a", admissionDate: "2024-01-01" }, { diagnosis: "b", admissionDate: "2024-01-02" }] }) { patient { key } } }`,
      );
      if (key === undefined) await delay(5);
      else if (random() < 0.5)
        await ask(`mutation { deleteMedicalRecord(source: AZURE, key: ${key * 2 - 1}) { key } }`);
    }
  };
  const writers = Array.from({ length: 6 }, writer);
  return {
    /** So many more have been answered. */
    async answered(more: number) {
      const until = answers + more;
      while (answers < until) await delay(5);
    },
    async stop() {
      over = true;
      await Promise.all(writers);
    },
  };
}

interface Recorded {
  readonly operation: string;
  readonly table_name: string;
  readonly row_keys: string;
}

/** Expects that the rows which are there are those that the trail says were made and not deleted, in both directions. */
async function expectNoGap(): Promise<void> {
  const { AZURE } = databases.config.databases;
  // What a process that is gone has sent may still be on its way.
  await expect
    .poll(
      () =>
        databases.sql('AZURE', 'select id from information_schema.processlist where db = ?', [AZURE.name]),
      {
        timeout: 20_000,
      },
    )
    .toEqual([]);
  const trail = await databases.sql<Recorded & Record<string, unknown>>(
    'AZURE',
    'select operation, table_name, row_keys from TRAIL_write',
  );
  for (const table of ['patients', 'medical_records']) {
    const keys = (operation: string) =>
      trail
        .filter((row) => row.table_name === table && row.operation === operation)
        .flatMap((row) => JSON.parse(row.row_keys) as number[]);
    const deleted = new Set(keys('delete'));
    const expected = keys('create').filter((key) => !deleted.has(key));
    const rows = await databases.sql<{ id: number }>(
      'AZURE',
      `select id from \`${AZURE.name}\`.${table} order by id`,
    );
    expect(
      rows.map(({ id }) => id),
      `seed ${seed}, ${table}`,
    ).toEqual(expected.toSorted((one, other) => one - other));
    if (table === 'patients') expect(rows.length).toBeGreaterThan(0);
  }
  await using client = await openAuditClient('AZURE', databases.config, {
    database: databases.config.audit.database,
  });
  await sealTrail(client);
  expect(await verifyTrail(client, [])).toMatchObject({ verdict: 'INTACT', unsealed: 0 });
}

describe('a write and its row in the trail are there both or neither', () => {
  it(`where ${connections} connections are killed in the middle`, async () => {
    await using server = await startServer(databases.config);
    const { AZURE } = databases.config.databases;
    const load = writeTo(server.url);
    const killer = await connect(AZURE);
    let killed = 0;
    await load.answered(10);
    while (killed < connections) {
      await delay(random() * 20);
      const [sessions] = await killer.query(
        'select id from information_schema.processlist where db = ? and id <> connection_id() order by rand() limit 1',
        [AZURE.name],
      );
      for (const { id, ID = id } of sessions as { id: number; ID?: number }[]) {
        // It may have ended by itself.
        killed += await killer.query(`kill ${ID}`).then(
          () => 1,
          () => 0,
        );
      }
    }
    await load.stop();
    await killer.end();
    await expectNoGap();
  });

  it(`where ${processes} processes of the server are killed in the middle`, async () => {
    const settings = {
      ...environmentOf(databases.config),
      AUDIT_DATABASE: databases.config.audit.database,
      POOL_ACQUIRE_TIMEOUT_MS: '20000',
      NODE_OPTIONS: `--import ${new URL('../helpers/kill-at-statement.mjs', import.meta.url).href}`,
      KILL_PORT: String(databases.config.databases.AZURE.port),
    };
    let started = 0;
    const killedBefore: string[] = [];
    const lane = async () => {
      while (started < processes) {
        started += 1;
        // Of six writers, so that the other five are anywhere in their transactions.
        await using serving = await startServing({
          ...settings,
          KILL_AT: String(5 + Math.floor(random() * 40)),
        });
        const load = writeTo(serving.url);
        expect((await serving.ended()).how).toBe('SIGKILL');
        await load.stop();
        killedBefore.push(placeOf(serving.stderr()));
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    await expectNoGap();
    const places = Object.groupBy(killedBefore, (place) => place) as Record<string, string[]>;
    if (isLong)
      console.log(
        `seed ${seed}`,
        Object.entries(places).map(([place, { length }]) => `${place}: ${length}`),
      );
    expect(killedBefore).toHaveLength(processes);
    if (isLong)
      expect(Object.keys(places)).toEqual(
        expect.arrayContaining(['a write', 'its row in the trail', 'COMMIT']),
      );
  }, 3_600_000);
});

/** The statement before which a process was killed. */
function placeOf(stderr: string): string {
  const statement = /killed before (.*)/.exec(stderr)?.[1] ?? '';
  if (/^commit/i.test(statement)) return 'COMMIT';
  if (statement.includes('tandem_audit')) return 'its row in the trail';
  return /^(insert|delete)/i.test(statement) ? 'a write' : statement;
}
