import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuditClient, openAuditClient } from '../../src/audit/client.ts';
import { auditFindings } from '../../src/audit/finding.ts';
import { readIds } from '../../src/audit/read-trail.ts';
import { sealTrail } from '../../src/audit/sealer.ts';
import { type AuditReport, verifyTrail } from '../../src/audit/verify.ts';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { sourceNames } from '../../src/source-name.ts';
import { type AuditedDatabases, createAuditedDatabases } from '../helpers/audit-trail.ts';
import { environmentOf } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { tandem } from '../helpers/run-command-line.ts';

let databases: AuditedDatabases;
let client: AuditClient;

beforeAll(async () => {
  databases = await createAuditedDatabases();
  client = await openAuditClient('AZURE', databases.config, { database: databases.config.audit.database });
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  for (const source of sourceNames) {
    await sql('delete from TRAIL_write', [], source);
    await sql('delete from TRAIL_seal', [], source);
  }
});

const sql = (statement: string, values: unknown[] = [], source: 'AZURE' | 'GCP' = 'AZURE') =>
  databases.sql(source, statement, values);
const columns =
  '(id, written_at, request_id, role, source, operation, table_name, row_count, row_keys, column_names)';
const rowOf = (id: number) =>
  `(${id}, '2026-01-01 00:00:00.${id}', 'r${id}', 'admin', 'AZURE', 'update', 'patients', 1, '[${id}]', '["last_name"]')`;
const add = (...ids: number[]) =>
  sql(`insert into TRAIL_write ${columns} values ${ids.map(rowOf).join(', ')}`);
const idsOf = (...ids: number[]) => ids.map(String);
const sealedIds = async () =>
  (await sql('select entries from TRAIL_seal order by number')).map(({ entries }) =>
    (JSON.parse(entries as string) as [string, string][]).map(([id]) => id),
  );

describe('the sealer', () => {
  it('seals what is committed, each row once, and what is committed later in a later seal', async () => {
    await add(1, 2, 4);
    expect(await sealTrail(client)).toBe(3);
    expect(await sealTrail(client)).toBe(0);
    // A transaction that was open: its id is lower.
    await add(3, 5);
    expect(await sealTrail(client)).toBe(2);
    expect(await sealedIds()).toEqual([idsOf(1, 2, 4), idsOf(3, 5)]);
    expect(await verifyTrail(client, [])).toMatchObject({
      verdict: 'INTACT',
      seals: 2,
      rows: 5,
      unsealed: 0,
      findings: [],
    });
  });

  it('reads ids in the order of numbers, so that none is left out between two pages', async () => {
    await add(1, 2, 9, 10, 11, 100);
    expect(await readIds(client, '0', 3)).toEqual(idsOf(1, 2, 9));
    expect(await readIds(client, '9', 3)).toEqual(idsOf(10, 11, 100));
  });

  it('keeps no writer waiting, and waits for none', async () => {
    await add(1);
    const { AZURE } = databases.config.databases;
    const writer = await connect({ ...AZURE, name: databases.config.audit.database }, AZURE.migrator);
    await writer.query('begin');
    await writer.query(`insert into tandem_audit_write ${columns} values ${rowOf(2)}`);
    expect(await sealTrail(client)).toBe(1);
    await writer.query('commit');
    await writer.end();
    expect(await sealTrail(client)).toBe(1);
    expect(await sealedIds()).toEqual([idsOf(1), idsOf(2)]);
  });

  it('is one at a time', async () => {
    await add(1);
    await using other = await openAuditClient('AZURE', databases.config, {
      database: databases.config.audit.database,
    });
    const both = await Promise.all([sealTrail(client), sealTrail(other)]);
    expect(both.filter((rows) => rows !== null).length).toBeGreaterThan(0);
    expect((await sealedIds()).flat()).toEqual(idsOf(1));
  });

  /** Seals rows, each at its time in hours, as if the clock of the server had shown that. */
  async function sealAt(...seals: readonly (readonly [hour: number, ...ids: number[]])[]) {
    for (const [hour, ...ids] of seals) {
      await add(...ids);
      await sealTrail(client);
      await sql(
        "update TRAIL_seal set sealed_at = '2026-01-01' + interval ? minute where sealed_at > '2026-02-01'",
        [hour * 60],
      );
    }
  }
  const inserted = async () =>
    (await verifyTrail(client, [])).findings.filter(({ kind }) => kind === 'ROW_INSERTED');

  it('finds rows that came late also after seals that are long settled', async () => {
    await sealAt([0, 1, 5], [0, 3], [1, 6], [2, 7], [3, 8], [4, 9]);
    await add(4, 10);
    expect(await sealTrail(client)).toBe(1);
    expect((await sealedIds()).at(-1)).toEqual(idsOf(10));
    // 4 comes hours after 5 was sealed: no transaction lasts that long.
    expect(await inserted()).toEqual([{ kind: 'ROW_INSERTED', row: '4' }]);
  });

  it.each<[what: string, hours: readonly number[]]>([
    ['is set forward by a day', [0, 0.01, 24, 24.01]],
    ['is set back by a day', [24, 24.01, 0, 0.01, 0.02]],
    ['is set forward and back again', [0, 24, 0.01, 0.02]],
  ])('seals what is committed late while the clock of the server %s', async (_what, hours) => {
    await sealAt(...hours.map((hour, at) => [hour, 10 * (at + 1)] as const));
    // Transactions that were open while all this was sealed.
    const late = hours.map((_, at) => 10 * (at + 1) - 1);
    await add(...late);
    expect(await sealTrail(client)).toBe(late.length);
    expect((await sealedIds()).at(-1)).toEqual(idsOf(...late));
    expect(await inserted()).toEqual([]);
  });

  it('that is killed between its steps leaves what the next one goes on from', async () => {
    await add(...Array.from({ length: 2500 }, (_, at) => at + 1).map(Number));
    // Before each step: the lock, the last seal, the rows of a seal, its time, the seal itself, the lock's end.
    for (let step = 1; step <= 12; step += 1) {
      await using killed = await openAuditClient('AZURE', databases.config, {
        database: databases.config.audit.database,
      });
      let left = step;
      const run: AuditClient['run'] = async (statement, values) => {
        left -= 1;
        if (left < 0) throw new Error('killed');
        return killed.run(statement, values);
      };
      await sealTrail({ ...killed, run }).catch(() => {});
    }
    await sealTrail(client);
    expect((await sealedIds()).flat().map(Number)).toEqual(Array.from({ length: 2500 }, (_, at) => at + 1));
    expect(await verifyTrail(client, [])).toMatchObject({ verdict: 'INTACT', rows: 2500, unsealed: 0 });
  });
});

describe('verify', () => {
  const tampered: readonly [
    what: string,
    statements: readonly string[],
    findings: AuditReport['findings'],
  ][] = [
    [
      'a row changed',
      ["update TRAIL_write set role = 'nobody' where id = 2"],
      [{ kind: 'ROW_CHANGED', seal: 1, row: '2' }],
    ],
    [
      'a caller put in',
      ["update TRAIL_write set subject = '' where id = 2"],
      [{ kind: 'ROW_CHANGED', seal: 1, row: '2' }],
    ],
    [
      'a microsecond',
      ['update TRAIL_write set written_at = written_at + interval 1 microsecond where id = 6'],
      [{ kind: 'ROW_CHANGED', seal: 3, row: '6' }],
    ],
    [
      'a space in a list',
      ["update TRAIL_write set row_keys = '[ 3]' where id = 3"],
      [{ kind: 'ROW_CHANGED', seal: 2, row: '3' }],
    ],
    ['a row removed', ['delete from TRAIL_write where id = 4'], [{ kind: 'ROW_REMOVED', seal: 2, row: '4' }]],
    [
      'the last row removed',
      ['delete from TRAIL_write where id = 6'],
      [{ kind: 'ROW_REMOVED', seal: 3, row: '6' }],
    ],
    [
      'two rows exchanged',
      [
        'update TRAIL_write set id = 99 where id = 1',
        'update TRAIL_write set id = 1 where id = 2',
        'update TRAIL_write set id = 2 where id = 99',
      ],
      [
        { kind: 'ROW_CHANGED', seal: 1, row: '1' },
        { kind: 'ROW_CHANGED', seal: 1, row: '2' },
      ],
    ],
    [
      'a seal’s entries changed',
      ["update TRAIL_seal set entries = '[]' where number = 2"],
      [{ kind: 'SEAL_CHANGED', seal: 2 }],
    ],
    ...['null', '5', '[null]', '[["x","y"]]', '{"1":"x"}', 'no JSON'].map(
      (entries): (typeof tampered)[number] => [
        `a seal’s entries made ${entries}`,
        [`update TRAIL_seal set entries = '${entries}' where number = 2`],
        [{ kind: 'SEAL_CHANGED', seal: 2 }],
      ],
    ),
    [
      'a seal’s time changed',
      ['update TRAIL_seal set sealed_at = sealed_at + interval 1 second where number = 3'],
      [{ kind: 'SEAL_CHANGED', seal: 3 }],
    ],
    [
      'a seal removed',
      ['delete from TRAIL_seal where number = 2'],
      [
        { kind: 'SEAL_REMOVED', seal: 2 },
        { kind: 'SEAL_REORDERED', seal: 3 },
      ],
    ],
    [
      'two seals exchanged',
      [
        'update TRAIL_seal set number = 9 where number = 1',
        'update TRAIL_seal set number = 1 where number = 2',
        'update TRAIL_seal set number = 2 where number = 9',
      ],
      [
        { kind: 'SEAL_CHANGED', seal: 1 },
        { kind: 'SEAL_CHANGED', seal: 2 },
        { kind: 'SEAL_REORDERED', seal: 3 },
      ],
    ],
  ];

  it.each(tampered)('finds %s', async (_what, statements, findings) => {
    for (const ids of [
      [1, 2],
      [3, 4],
      [5, 6],
    ]) {
      await add(...ids);
      await sealTrail(client);
    }
    expect((await verifyTrail(client, [])).verdict).toBe('INTACT');
    for (const statement of statements) await sql(statement);
    expect(await verifyTrail(client, [])).toMatchObject({ verdict: 'BROKEN', findings });
  });
});

it('a seal of a far number, or one that is spoiled, ends neither the verifier nor the sealer', async () => {
  await add(1, 2);
  await sealTrail(client);
  for (const number of ['1000000000000000', '18446744073709551615']) {
    await sql(
      `insert into TRAIL_seal values (${number}, utc_timestamp(6), 2, repeat('0', 64), 'null', repeat('0', 64))`,
    );
    const { verdict, findings } = await verifyTrail(client, []);
    expect(verdict).toBe('BROKEN');
    expect(findings).toHaveLength(100);
    expect(findings[0]).toEqual({ kind: 'SEAL_REMOVED', seal: 2 });
    await add(Number(number.slice(0, 2)));
    expect(await sealTrail(client)).toBe(1);
    await sql(`delete from TRAIL_write where id > 2`);
    await sql(`delete from TRAIL_seal where number > 1`);
  }
});

describe('tandem audit', () => {
  const run = (...args: string[]) =>
    tandem(['audit', ...args], {
      ...environmentOf(databases.config),
      AUDIT_DATABASE: databases.config.audit.database,
    });
  const file = async () => join(await mkdtemp(join(tmpdir(), 'tandem-seals-')), 'seals.jsonl');

  it('seals, exports each seal once, and verifies by what was exported', async () => {
    const out = await file();
    await add(1, 2);
    expect(await run('seal', '--out', out)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('AZURE: 2 rows sealed, 1 seals exported'),
    });
    await add(3);
    await run('seal', '--out', out);
    const lines = (await readFile(out, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { source: 'AZURE', number: 1, rows: 2 },
      { source: 'AZURE', number: 2, rows: 1 },
    ]);
    const { code, stdout } = await run('verify', '--seals', out, '--json');
    expect(code).toBe(exitCodes.audit.DONE);
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: 0,
      sources: [
        { source: 'AZURE', verdict: 'INTACT', seals: 2, rows: 3, head: { number: 2, hash: lines[1].hash } },
        { source: 'GCP', verdict: 'INTACT', seals: 0, rows: 0, head: null },
      ],
    });
  });

  it('finds a trail whose end is gone, or that was made anew, by the exported seals alone', async () => {
    const out = await file();
    await add(1);
    await run('seal', '--out', out);
    await add(2);
    await run('seal', '--out', out);
    await sql('delete from TRAIL_seal where number = 2');
    await sql('delete from TRAIL_write where id = 2');
    expect((await run('verify')).code).toBe(exitCodes.audit.DONE);
    const cut = await run('verify', '--seals', out);
    expect(cut).toMatchObject({
      code: exitCodes.audit.BROKEN,
      stdout: expect.stringContaining('SEAL_REMOVED  seal 2'),
    });
    await sql("update TRAIL_write set role = 'nobody'");
    await sql('delete from TRAIL_seal');
    await run('seal', '--out', await file());
    expect((await run('verify')).code).toBe(exitCodes.audit.DONE);
    const replaced = (await run('verify', '--seals', out)).stdout;
    expect(replaced).toMatch(/SEAL_REPLACED {2}seal 1/);
    const { cause, remedy } = auditFindings.SEAL_REPLACED;
    expect(replaced.split(`SEAL_REPLACED: ${cause}\nNext: ${remedy}\n`)).toHaveLength(2);
  });

  it('exports what a run that was killed did not, behind a line that it did not end', async () => {
    const out = await file();
    await add(1);
    await sealTrail(client);
    const whole = await file();
    await run('seal', '--out', whole);
    await writeFile(out, (await readFile(whole, 'utf8')).slice(0, 40));
    await run('seal', '--out', out);
    expect((await run('verify', '--seals', out)).code).toBe(exitCodes.audit.DONE);
    await appendFile(out, 'something else\n');
    expect(await run('verify', '--seals', out)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exported seals is none'),
    });
  });

  it('says what to do without a setting, without tables, and without an answer', async () => {
    const settings = environmentOf(databases.config);
    expect(await tandem(['audit', 'verify'], settings)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('AUDIT_DATABASE'),
    });
    expect(await tandem(['audit', 'verify'], { ...settings, AUDIT_DATABASE: 'elsewhere' })).toMatchObject({
      code: exitCodes.audit.NOT_INSTALLED,
      stderr: expect.stringContaining('tandem audit install'),
    });
    const away = { ...settings, AUDIT_DATABASE: 'elsewhere', AZURE_DB_PORT: '1' };
    expect((await tandem(['audit', 'verify', '--source', 'azure'], away)).code).toBe(
      exitCodes.audit.UNREACHABLE,
    );
    const printed = await tandem(['audit', 'install', '--print', '--source', 'gcp'], {
      ...settings,
      AUDIT_DATABASE: 'elsewhere',
    });
    expect(printed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^-- GCP\ncreate database [\s\S]*grant select, insert on `elsewhere`.`tandem_audit_seal`/,
      ),
    });
  });
});
