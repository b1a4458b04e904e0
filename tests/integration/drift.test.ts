import { MikroORM } from '@mikro-orm/mysql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareSources } from '../../src/drift/drift.ts';
import type { Comparison } from '../../src/drift/finding.ts';
import { type SchemaSnapshot, takeSnapshot } from '../../src/drift/snapshot.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { pool } from '../helpers/databases.ts';
import { base, plants } from '../helpers/drift-plants.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';

let servers: Record<SourceName, OwnServer>;
let orms: Record<SourceName, MikroORM>;
let untouched: Record<SourceName, SchemaSnapshot>;

beforeAll(async () => {
  // Each with habits of its own, so that all that follows is found beside them.
  const [AZURE, GCP] = await Promise.all([
    startOwnServer({
      made: ['--lower-case-table-names=1'],
      more: ['--sql-generate-invisible-primary-key=ON', '--collation-server=utf8mb4_general_ci'],
    }),
    startOwnServer({ more: ['--character-set-server=latin1'] }),
  ]);
  servers = { AZURE, GCP };
  for (const name of sourceNames) {
    await servers[name].sql('create database elsewhere');
    await servers[name].sql('create table elsewhere.parents (id int primary key)');
    await servers[name].sql("grant all on elsewhere.* to 'tandem_migrator'@'%'");
  }
  await servers.AZURE.sql('alter database tandem collate utf8mb4_bin');
  const open = (name: SourceName) => {
    const { config } = servers[name];
    return MikroORM.init(ormOptions(name, config, config.migrator, pool));
  };
  orms = { AZURE: await open('AZURE'), GCP: await open('GCP') };
  for (const name of sourceNames) {
    for (const sql of base) {
      // A character set of its own, as migrations give it: the default is the server's.
      const own = sql.startsWith('create table') ? `${sql} default character set utf8mb4` : sql;
      await run(name, [own]);
    }
  }
  untouched = { AZURE: await look('AZURE'), GCP: await look('GCP') };
});

afterAll(async () => {
  for (const name of sourceNames) await orms?.[name].close(true);
  for (const name of sourceNames) await servers?.[name][Symbol.asyncDispose]();
});

async function run(name: SourceName, statements: readonly string[]) {
  for (const sql of statements) {
    await orms[name].em.execute(sql).catch((error) => {
      throw new Error(`${name}: ${sql}: ${error.message}`);
    });
  }
}

const look = (name: SourceName) => takeSnapshot(name, orms[name].em);

const mendOf = ({ plan }: Comparison) => plan.statements;

it('finds nothing where only the habits of the servers differ', () => {
  expect(untouched.AZURE.schema).not.toEqual(untouched.GCP.schema);
  expect(untouched.AZURE.facts).toMatchObject({ lowerCaseTableNames: 1, generatesPrimaryKeys: true });
  expect(untouched.GCP.facts).toMatchObject({ lowerCaseTableNames: 0, generatesPrimaryKeys: false });
  expect(JSON.stringify(untouched.AZURE.schema)).toContain('my_row_id');
  expect(untouched.AZURE.schema.defaults).not.toEqual(untouched.GCP.schema.defaults);
  expect(compareSources(untouched.AZURE, untouched.GCP)).toEqual({
    left: 'AZURE',
    right: 'GCP',
    findings: [],
    plan: { statements: [], notes: [], verification: { state: 'NOT_VERIFIED', detail: null } },
    notVisible: [],
    notManaged: [],
  });
});

describe.each(sourceNames)('what is changed on %s', (name) => {
  for (const [sql, kind, object, property, was, is, cosmetic] of plants) {
    it(`${[sql].flat().at(-1)}`, async () => {
      await run(name, [sql].flat());
      // What stands there now, where that is known: reading it takes most of the time.
      const known: Partial<Record<SourceName, SchemaSnapshot>> = {};
      try {
        const now = { ...untouched, [name]: await look(name) };
        known.AZURE = now.AZURE;
        const found = compareSources(now.AZURE, now.GCP);
        const [left, right] = name === 'AZURE' ? [is, was] : [was, is];
        // A column's name is said as it stands on the right.
        const at = property === 'name' || property === 'table' ? expect.any(String) : object;
        expect(found.findings.map(({ statements, losesData, ...said }) => said)).toEqual([
          { kind, object: at, property, left, right, breaking: cosmetic === undefined },
        ]);

        // One finding is mended by the whole of the plan.
        expect(found.findings[0]?.statements).toEqual(found.plan.statements);
        await run('GCP', mendOf(found));
        known.GCP = await look('GCP');
        expect(compareSources(now.AZURE, known.GCP).findings).toEqual([]);
      } finally {
        const reset = async (changed: SourceName) => {
          const now = known[changed] ?? (await look(changed));
          const back = compareSources({ ...untouched[changed], source: 'AZURE' }, now);
          await run(changed, mendOf(back));
        };
        await Promise.all(sourceNames.map(reset));
      }
    });
  }
});

it('leaves nothing behind', async () => {
  const now = perSource(look);
  expect(compareSources(untouched.AZURE, await now.AZURE).findings).toEqual([]);
  expect(compareSources(untouched.GCP, await now.GCP).findings).toEqual([]);
});
