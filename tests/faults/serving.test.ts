import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { migrationsOf } from '../../src/information-schema/schema-version.ts';
import { createDatabases, environmentOf } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { hostileRequests, sendHostile } from '../helpers/hostile.ts';
import { startLoad } from '../helpers/send-load.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer } from '../helpers/server.ts';
import { startServing } from '../helpers/serving.ts';
import { countSessions } from '../helpers/sessions.ts';
import { startProxy } from '../helpers/tcp-proxy.ts';
import { ask, azure, create } from './asking.ts';
import { row, seconds, timed } from './row.ts';

row(
  24,
  'SIGTERM under load; in a black hole',
  'in-flight answered, exit ≤ 10 s, 0 sessions left',
  async (tell) => {
    await using databases = await createDatabases();
    const figures: string[] = [];
    for (const hole of [false, true]) {
      await using proxy = await startProxy(databases.config.databases.AZURE.port);
      await using serving = await startServing({
        ...environmentOf(databases.config),
        AZURE_DB_PORT: String(proxy.port),
      });
      await using watch = await countSessions(databases.config, 'GCP');
      const both = `{ a: patients(source: AZURE) { nodes { key } } g: patients(source: GCP) { nodes { key } } }`;
      const load = startLoad(serving.url, both, 20);
      await delay(1000);
      if (hole) proxy.mode = 'black hole';
      const signalled = performance.now();
      serving.kill('SIGTERM');
      const { how, ms } = await serving.ended();
      await load.stop();
      expect(ms).toBeLessThan(10_000);
      if (!hole) expect(how).toBe(0);
      expect(load.sent.filter(({ at, status }) => at < signalled && status !== 200)).toEqual([]);
      await watch.none();
      figures.push(`${hole ? 'in a black hole' : 'under load'} ${seconds(ms)}`);
    }
    tell(`exit ${figures.join(', ')}; every request in flight answered, 0 sessions left`);
  },
);

/** What a server logs at its start of a schema that is not its own. */
async function toldAtStart(config: Config): Promise<Record<string, unknown>> {
  await using serving = await startServing(environmentOf(config));
  return await serving.line(({ msg, source }) => source === 'AZURE' && String(msg).startsWith('schema'));
}

row(
  26,
  'the schema is older than the code',
  'the check at start names the migrations; no 1054 or 1146 to a client',
  async (tell) => {
    await using empty = await createDatabases({ migrated: false });
    await using old = await startServer(empty.config);
    const { errors } = await old.ask(azure);
    expect(errors?.[0].extensions.code).toBe('SCHEMA_OUTDATED');
    expect(JSON.stringify(errors)).not.toMatch(/1146|1054|ER_|doesn't exist/);
    const line = await toldAtStart(empty.config);
    expect(line).toMatchObject({ schema: 'OUTDATED', missing: await migrationsOf('AZURE'), unknown: [] });
    tell(
      `${errors?.[0].extensions.code}; the log at start names ${(line.missing as string[]).length} migrations`,
    );
  },
);

row(
  26.1,
  'the schema is newer than the code',
  'the check at start names the migration; reads and writes go on',
  async (tell) => {
    await using newer = await createDatabases();
    const { AZURE } = newer.config.databases;
    const other = await connect(AZURE, AZURE.migrator);
    await other.query('alter table patients add column from_the_future varchar(10) null');
    await other.query("insert into mikro_orm_migrations (name) values ('Migration29990101000000_future')");
    await other.end();
    await using server = await startServer(newer.config);
    expect([(await ask(server, create)).code, (await ask(server, azure)).code]).toEqual(['ok', 'ok']);
    const line = await toldAtStart(newer.config);
    expect(line).toMatchObject({
      schema: 'NEWER',
      missing: [],
      unknown: ['Migration29990101000000_future'],
    });
    tell(`the log at start names ${(line.unknown as string[]).join()}; reads and writes answered`);
  },
);

row(
  27,
  'hostile documents, bodies and forms',
  '4xx with a coded error, no statement, bounded time and memory',
  async (tell) => {
    await using databases = await createDatabases();
    await using healthy = await startServer(databases.config);
    await ask(healthy, azure);
    const before = process.memoryUsage.rss();
    const outcomes: { what: string; ms: number; cpuMs: number; status: number }[] = [];
    const statements = await statementsOf(healthy.sources.AZURE, async () => {
      for (const [what, hostile] of Object.entries(hostileRequests)) {
        const begun = process.cpuUsage();
        const { value, ms } = await timed(() => sendHostile(healthy.url, hostile));
        const spent = process.cpuUsage(begun);
        const cpuMs = (spent.user + spent.system) / 1000;
        const { errors } = JSON.parse(value.body.toString());
        const { status = 400, code } = hostile;
        expect([what, value.status, errors[0].extensions.code]).toEqual([what, status, code]);
        outcomes.push({ what, ms, cpuMs, status });
      }
    });
    const grown = Math.max(0, process.memoryUsage.rss() - before) / 2 ** 20;
    const [worst] = outcomes.toSorted((one, other) => other.ms - one.ms);
    // The pool itself may end a connection, or ask how the server is.
    expect(statements.filter((sql) => !/^(kill|show global status) /.test(sql))).toEqual([]);
    // All that a refusal takes is this process's work, which what else the machine does cannot lengthen.
    expect(Math.max(...outcomes.map(({ cpuMs }) => cpuMs))).toBeLessThan(1000);
    expect(grown).toBeLessThan(200);
    expect((await ask(healthy, azure)).code).toBe('ok');
    const alone = outcomes.filter(({ status }) => status === 200).map(({ what }) => what);
    tell(
      `${outcomes.length} refused, the slowest in ${seconds(worst?.ms ?? 0)} (${worst?.what}); ${Math.round(grown)} MiB more in memory afterwards; the field alone for ${alone.join(', ')}`,
    );
  },
);
