import { randomBytes } from 'node:crypto';
import { loadConfig } from '../config/config.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import type { Elsewhere } from '../drift/report.ts';
import { SCRATCH_PREFIX } from '../local/local-env.ts';
import { runningServer } from '../local/local-pair.ts';
import type { SourceName } from '../source-name.ts';
import { openDatabase } from '../sources/database.ts';

/** Milliseconds after which a database that is still there is a killed run's. */
const abandonedMs = 15 * 60_000;

/** Of what a plan is tried for: its server, and what its database has where a statement does not say. */
interface Real {
  readonly facts: { readonly version: string };
  readonly schema: { readonly defaults: { readonly charset: string; readonly collation: string } };
}

/**
 * A place for a copy of a source's schema on this machine: a database of the local server, where that runs and has the
 * version (major and minor) of the real one. The command creates it for the work, drops it afterwards, and starts no server.
 */
export async function localScratch(
  source: SourceName,
  { facts, schema }: Real,
  { limits, home }: { readonly limits: PoolConfig; readonly home: string | undefined },
): Promise<Elsewhere> {
  const local = await runningServer(source, home);
  if (local === null) return { why: null };
  const [here, there] = [local.version, facts.version].map(release);
  if (here !== there) {
    return {
      why: `the local server is MySQL ${here} and ${source} is ${there}: set ${source}_DB_SCRATCH_NAME`,
    };
  }
  const database = loadConfig(local.env, '/nonexistent').databases[source];
  // One connection for work beside that for control: what a statement sets holds for the next.
  const open = (name: string) =>
    openDatabase(source, { ...database, name }, database.migrator, { ...limits, max: 2 }, { silent: true });
  return {
    server: `the local server (MySQL ${local.version})`,
    async lend(work) {
      const own = await open(database.name);
      const name = `${SCRATCH_PREFIX}${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
      try {
        const execute = (sql: string) => own.orm.em.execute(sql);
        for (const left of await abandoned(execute)) await execute(`drop database if exists ${left}`);
        const { charset, collation } = schema.defaults;
        await execute(`create database ${name} character set ${charset} collate ${collation}`);
        const one = await open(name);
        try {
          return await work(one.orm.em.fork());
        } finally {
          await one.close();
          await execute(`drop database if exists ${name}`);
        }
      } finally {
        await own.close();
      }
    },
  };
}

/** Databases of runs that were killed before they could drop them. */
async function abandoned(execute: (sql: string) => Promise<unknown>): Promise<string[]> {
  const rows = (await execute(
    `select schema_name as name from information_schema.schemata where left(schema_name, ${SCRATCH_PREFIX.length}) = '${SCRATCH_PREFIX}'`,
  )) as { name: string }[];
  return rows
    .map(({ name }) => name)
    .filter((name) => {
      const [, made = ''] = /^([0-9a-z]+)_[0-9a-f]{8}$/.exec(name.slice(SCRATCH_PREFIX.length)) ?? [];
      return made !== '' && Number.parseInt(made, 36) < Date.now() - abandonedMs;
    });
}

/** 9.7 of 9.7.4-2, and 8.4 of 8.4.6-google. */
function release(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version;
}
