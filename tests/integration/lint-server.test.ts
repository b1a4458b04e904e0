import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSchema } from '../../src/information-schema/read-schema.ts';
import type { Algorithm, Lock } from '../../src/migrator/lint/impact.ts';
import { lintMigrations, type MigrationFindings } from '../../src/migrator/lint/migrations.ts';
import { askServer, withLimits } from '../../src/migrator/lint-server.ts';
import { lintLive } from '../../src/migrator/lint-sources.ts';
import { openDatabase } from '../../src/sources/database.ts';
import { statements, tables } from '../fixtures/alter-statements.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';

interface Way {
  readonly algorithm: Algorithm;
  readonly lock: Lock;
}
type Answer = Way | { readonly errno: number };

/** A third of them each time, and all with TANDEM_LONG. */
const asked = statements.filter((_, index) => process.env.TANDEM_LONG === '1' || index % 3 === 0);

const attempts: readonly (readonly [Algorithm, Lock])[] = [
  ['INSTANT', 'NONE'],
  ['INPLACE', 'NONE'],
  ['INPLACE', 'SHARED'],
  ['COPY', 'SHARED'],
];
const ranks = { INSTANT: 0, INPLACE: 1, COPY: 2 } as const;

/** What rows and values decide is not foreseen: the lint warns of it by other rules. */
const byRows = [1062, 1138, 3140, 3643];
/** Refused for a reason that the lint does not know. */
const unforeseen = [1478, 1481, 1505, 1506, 1507, 1736, 1833, 3644];

let databases: TestDatabases;
let judged: Map<string, MigrationFindings>;
const answers = new Map<string, Answer>();

beforeAll(async () => {
  databases = await createDatabases({ migrated: false });
  const { AZURE } = databases.config.databases;
  const connection = await connect(AZURE, AZURE.migrator, { multipleStatements: true });
  try {
    await connection.query(tables.join(';\n'));
    const model = await withEntityManager((em) => readSchema(em));
    const rows = Object.fromEntries(model.tables.map(({ name }) => [name, 2]));
    judged = new Map(
      asked.map((sql) => {
        const [migration] = lintMigrations([{ name: 'm', up: [sql] }], { tables: model, rows });
        return [sql, migration as MigrationFindings];
      }),
    );
    for (const sql of asked) answers.set(sql, await answerOf(connection, sql));
    // As they were, for what asks them once more.
    const [names] = await connection.query<RowDataPacket[]>('show tables');
    const all = names.flatMap((row) => Object.values(row)).join(', ');
    await connection.query(`set foreign_key_checks = 0; drop table ${all}; ${tables.join(';\n')}`);
  } finally {
    await connection.end();
  }
}, 600_000);
afterAll(() => databases?.[Symbol.asyncDispose]());

async function withEntityManager<T>(work: (em: Parameters<typeof readSchema>[0]) => Promise<T>): Promise<T> {
  const { AZURE } = databases.config.databases;
  const { orm, close } = await openDatabase('AZURE', AZURE, AZURE.migrator, pool, { silent: true });
  try {
    return await work(orm.em);
  } finally {
    await close();
  }
}

/** Tables that foreign keys bind together are made anew together. */
const bound = ['t', 'parent', 'child'];

async function answerOf(connection: Connection, sql: string): Promise<Answer> {
  const table = /(?:table|on) (\w+)/.exec(sql)?.[1] ?? '';
  const made = tables.filter((text) => {
    const of = /^(?:create table|insert into) (\w+)/.exec(text)?.[1] ?? '';
    return of === table || (bound.includes(table) && bound.includes(of));
  });
  const names = bound.includes(table) ? [...bound, 't2', 't3'] : [table, `${table}2`];
  const reset = `set foreign_key_checks = 0; drop table if exists ${names.join(', ')}; ${made.join('; ')}; set foreign_key_checks = 1`;
  await connection.query(reset);
  for (const [algorithm, lock] of attempts) {
    try {
      await connection.query(withLimits(sql, table, { algorithm, lock }) ?? sql);
      return { algorithm, lock };
    } catch (error) {
      const { errno } = error as { errno: number };
      // 1845 and 1846 are the server's refusals of an ALGORITHM or LOCK.
      if (errno !== 1845 && errno !== 1846) return { errno };
    }
  }
  throw new Error(`The server refuses ${sql} whatever is asked.`);
}

describe('beside a real server', () => {
  it('is asked about at least 150 statements', () => {
    expect(asked.length).toBeGreaterThanOrEqual(150);
    expect(answers.size).toBe(asked.length);
  });

  it('never says better of a statement than the server does', () => {
    const better = asked.filter((sql) => {
      const [answer, said] = [answers.get(sql), judged.get(sql)?.impacts[0]];
      if (answer === undefined || 'errno' in answer || said === undefined) return false;
      return (
        ranks[said.algorithm] < ranks[answer.algorithm] || (said.lock === 'NONE' && answer.lock === 'SHARED')
      );
    });
    expect(better).toEqual([]);
  });

  it('says the same in nearly all cases, and worse in the others', () => {
    const compared = asked.filter((sql) => 'algorithm' in (answers.get(sql) as Answer));
    const different = compared.filter((sql) => {
      const { algorithm, lock } = answers.get(sql) as Way;
      const said = judged.get(sql)?.impacts[0];
      return said !== undefined && (said.algorithm !== algorithm || said.lock !== lock);
    });
    expect(different.length / compared.length).toBeLessThan(0.05);
  });

  it('foresees what is bound to fail, and calls nothing so that the server does', () => {
    const foreseen = (sql: string) =>
      judged.get(sql)?.findings.some(({ rule }) => rule === 'bound-to-fail') === true;
    const wrong = asked.filter((sql) => {
      const answer = answers.get(sql) as Answer;
      if (!('errno' in answer)) return foreseen(sql);
      return !foreseen(sql) && ![...byRows, ...unforeseen].includes(answer.errno);
    });
    expect(wrong).toEqual([]);
  });
});

describe('tandem migrate lint --ask-server', () => {
  it('has the verdict of the server, and leaves no table behind', async () => {
    const some = asked.filter((sql) => !sql.startsWith('alter table heap')).slice(0, 40);
    const [verdicts, left] = await withEntityManager(async (em) => {
      const found = new Map<string, Awaited<ReturnType<typeof askServer>>>();
      for (const sql of some) found.set(sql, await askServer(em, [sql]));
      return [found, await em.execute<unknown[]>("show tables like 'tandem\\_lint\\_%'")] as const;
    });
    const told = some.flatMap((sql) => {
      const verdict = verdicts.get(sql)?.get(sql);
      return verdict === undefined || 'errno' in verdict ? [] : [[sql, verdict]];
    });
    expect(told.length).toBeGreaterThan(20);
    for (const [sql, verdict] of told) {
      const answer = answers.get(sql as string) as Answer;
      // An empty table without foreign keys takes what rows and keys keep from the real one.
      if ('algorithm' in answer) expect([sql, verdict]).toEqual([sql, answer]);
    }
    expect(left).toEqual([]);
  });

  it('believes the server, where it refuses too', async () => {
    await using folder = await migrationFolder({
      M1: {
        up: [
          'alter table fx modify v varchar(20) collate utf8mb4_bin',
          'alter table comp row_format=dynamic',
        ],
        down: ['do 1'],
      },
    });
    const { AZURE } = databases.config.databases;
    const target = { source: 'AZURE', database: AZURE, pool, folder: folder.path } as const;
    const rulesOf = (found: readonly MigrationFindings[]) =>
      found.flatMap(({ findings }) => findings).map(({ rule }) => rule);
    expect(rulesOf(await lintLive(target))).toEqual(['table-copy', 'table-rebuild']);
    const asked = await lintLive(target, { ask: true });
    expect(rulesOf(asked)).toContain('bound-to-fail');
    expect(rulesOf(asked)).not.toContain('table-copy');
  });
});
