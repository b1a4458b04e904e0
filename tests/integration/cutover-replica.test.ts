import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CutoverReport, CutoverSubject } from '../../src/cutover/check.ts';
import { sourceNames } from '../../src/source-name.ts';
import { passwordOf } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import type { OwnServer } from '../helpers/own-server.ts';
import { type Replicated, startReplicated, untilCaughtUp } from '../helpers/replicated-servers.ts';
import { tandem } from '../helpers/run-command-line.ts';
import { startProxy } from '../helpers/tcp-proxy.ts';

const native = await hasNativeServer();

/** The smallest that MySQL takes. */
const definitions = 400;
const isLong = process.env.TANDEM_LONG === '1';

describe.skipIf(!native)('the plan of a cutover to a replica', () => {
  let servers: Replicated;
  let primary: OwnServer;
  let replica: OwnServer;
  let settings: Record<string, string>;

  beforeAll(async () => {
    servers = await startReplicated(1, [`--table-definition-cache=${definitions}`]);
    primary = servers.primary;
    [replica] = servers.replicas as [OwnServer];
    const { user } = primary.config.migrator;
    for (const sql of [
      'create table tandem.t (id int primary key, v int)',
      'insert into tandem.t values (1, 1), (2, 2)',
      'create database others',
      // Each partition is a table of InnoDB: reading this one takes the place of all others.
      `create table others.parts (id int primary key) partition by hash (id) partitions ${isLong ? 1200 : definitions}`,
      `grant select on others.* to '${user}'@'%'`,
      `grant replication client on *.* to '${user}'@'%'`,
    ])
      await primary.sql(sql);
    await untilCaughtUp(servers, replica);
    settings = Object.fromEntries(
      sourceNames.flatMap((name) => {
        const { config, files } = name === 'AZURE' ? primary : replica;
        return [
          [`${name}_DB_HOST`, config.host],
          [`${name}_DB_PORT`, String(config.port)],
          [`${name}_DB_NAME`, config.name],
          [`${name}_DB_USER`, config.runtime.user],
          [`${name}_DB_PASSWORD`, passwordOf(config.runtime)],
          [`${name}_DB_MIGRATOR_USER`, config.migrator.user],
          [`${name}_DB_MIGRATOR_PASSWORD`, passwordOf(config.migrator)],
          [`${name}_DB_SSL_CA`, files.ca],
        ];
      }),
    );
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  async function check(subject: CutoverSubject) {
    const args = ['cutover', 'plan', '--from', 'azure', '--to', 'gcp', '--json'];
    const { stdout, stderr } = await tandem(args, settings);
    expect(stderr).toBe('');
    const { checks }: CutoverReport = JSON.parse(stdout);
    return checks.find((one) => one.subject === subject);
  }

  /** Servers know the time of a write to the second. */
  async function compare() {
    await untilCaughtUp(servers, replica);
    await delay(1100);
    expect((await tandem(['parity', '--settle', '20', '--throttle', '100'], settings)).code).toBe(0);
    await untilCaughtUp(servers, replica);
  }

  const applying = (state: 'start' | 'stop') => replica.sql(`${state} replica sql_thread`);

  it('proves by GTIDs that nothing was written, also where the servers were restarted', async () => {
    await compare();
    expect(await check('parity')).toMatchObject({ verdict: 'OK', next: [] });
    await Promise.all([primary.restart(), replica.restart()]);
    expect(await check('parity')).toMatchObject({ verdict: 'OK', next: [] });
    // Elsewhere on the server something was.
    await primary.sql('insert into others.parts values (1)');
    await untilCaughtUp(servers, replica);
    expect(await check('parity')).toMatchObject({
      verdict: 'UNKNOWN',
      findings: [
        expect.stringContaining('SAME'),
        'AZURE was restarted since it began, and does not know of writes before.',
        'GCP was restarted since it began, and does not know of writes before.',
      ],
    });
  });

  it('does not take a write for none where the server may have forgotten it', async () => {
    await compare();
    await primary.sql('insert into others.parts values (2)');
    expect(await check('parity')).toMatchObject({
      verdict: 'UNKNOWN',
      findings: expect.arrayContaining([expect.stringContaining('AZURE may have forgotten a write')]),
      next: expect.arrayContaining([
        expect.stringContaining('on AZURE: SET PERSIST table_definition_cache = 800'),
      ]),
    });
  });

  // InnoDB looks every 47 seconds whether it has too many tables.
  it.runIf(isLong)(
    'does not take a write for none that the server has forgotten',
    async () => {
      await compare();
      await applying('stop');
      await primary.sql('update tandem.t set v = 3 where id = 1');
      await primary.sql('flush tables');
      await primary.sql('select * from others.parts');
      await primary.sql('flush tables');
      await primary.sql('set session information_schema_stats_expiry = 0');
      const written = async () =>
        (
          await primary.sql<{ at: string | null }>(
            "select update_time as at from information_schema.tables where table_schema = 'tandem' and table_name = 't'",
          )
        )[0]?.at;
      await expect.poll(written, { timeout: 120_000, interval: 1000 }).toBeNull();
      expect((await check('parity'))?.findings).toContainEqual(
        expect.stringContaining('AZURE may have forgotten a write'),
      );
      await applying('start');
    },
    180_000,
  );

  it.each(['alter table tandem.t engine = InnoDB', 'optimize table tandem.t', 'truncate table tandem.t'])(
    'sees a write behind which the server has forgotten it: %s',
    async (sql) => {
      await compare();
      await primary.sql('update tandem.t set v = v + 1 where id = 1');
      await primary.sql(sql);
      await untilCaughtUp(servers, replica);
      expect(await check('parity')).toMatchObject({
        verdict: 'ATTENTION',
        findings: [
          expect.anything(),
          ...sourceNames.map((name) => expect.stringMatching(`^${name} has (made t|taken writes)`)),
        ],
      });
    },
  );

  it('looks at where the rows come from, not only at what the channel states', async () => {
    expect(await check('replication')).toMatchObject({
      verdict: 'OK',
      findings: ['The channel into GCP is 0 s behind.'],
    });
    await applying('stop');
    await replica.sql(
      'change replication filter replicate_ignore_table = (tandem.t), replicate_wild_ignore_table = ("mysql.%")',
    );
    await replica.sql('change replication source to source_delay = 3600');
    await applying('start');
    expect(await check('replication')).toMatchObject({
      verdict: 'ATTENTION',
      findings: expect.arrayContaining([
        'The channel into GCP applies each change 3600 s late, as it is set to (SQL_Delay).',
        'The channel into GCP has filters, so that not all arrives: Replicate_Ignore_Table: tandem.t.',
      ]),
    });
    await applying('stop');
    await replica.sql(
      'change replication filter replicate_ignore_table = (), replicate_wild_ignore_table = ()',
    );
    await replica.sql('change replication source to source_delay = 0');
    await applying('start');
  });

  it('sees what a hanging channel lacks, which counts itself as 0 s behind', async () => {
    await using proxy = await startProxy(primary.port);
    const through = async (port: number) => {
      await replica.sql('stop replica');
      await replica.sql(`change replication source to source_port = ${port}`);
      await replica.sql('start replica');
    };
    await through(proxy.port);
    await expect.poll(async () => (await check('replication'))?.verdict, { timeout: 60_000 }).toBe('OK');
    proxy.mode = 'black hole';
    await primary.sql('insert into tandem.t values (77, 7)');
    expect(await check('replication')).toMatchObject({
      verdict: 'ATTENTION',
      findings: [
        'The channel into GCP is 0 s behind.',
        'GCP lacks 1 of the transactions that AZURE has executed, by their GTIDs.',
      ],
    });
    proxy.mode = 'pass';
    await through(primary.port);
    await expect.poll(async () => (await check('replication'))?.verdict, { timeout: 60_000 }).toBe('OK');
  });

  it('names an account that cannot log in at the other cloud', async () => {
    const { user } = primary.config.runtime;
    await replica.sql('set global super_read_only = off');
    await replica.sql('set session sql_log_bin = 0');
    await replica.sql(`alter user '${user}'@'%' account lock`);
    expect(await check('accounts')).toMatchObject({
      verdict: 'BLOCKED',
      findings: expect.arrayContaining([expect.stringContaining(`${user}: `)]),
    });
    await replica.sql(`alter user '${user}'@'%' account unlock`);
    await replica.sql('set session sql_log_bin = 1');
  });

  it('counts what was written to the other cloud alone', async () => {
    await replica.sql('set global super_read_only = off');
    await replica.sql('insert into tandem.t values (88, 8)');
    expect(await check('replication')).toMatchObject({
      verdict: 'ATTENTION',
      findings: [
        'The channel into GCP is 0 s behind.',
        'GCP has executed 1 transaction that AZURE has not: rows may have been written there alone.',
      ],
      next: ['tandem parity --throttle 100'],
    });
  });
});
