import { tracingChannel } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CutoverReport,
  type CutoverSubject,
  type CutoverVerdict,
  checkOf,
  cutoverReport,
} from '../../src/cutover/check.ts';
import type { SideFacts } from '../../src/cutover/facts.ts';
import { cutoverAsText } from '../../src/cutover/formats.ts';
import { judgeReplication } from '../../src/cutover/judge-replication.ts';
import { judgeCounters, judgePrograms } from '../../src/cutover/judge-schema.ts';
import { judgeVersions, judgeWrites, type Sides } from '../../src/cutover/judge-servers.ts';
import { judgeParity, type SideSince } from '../../src/cutover/judge-writes-since.ts';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { transactionsIn } from '../../src/parity/executed-gtids.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { asMigrator, createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { tandem } from '../helpers/run-command-line.ts';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createDatabases();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

const run = (source: SourceName, ...statements: readonly string[]) =>
  asMigrator(databases.config.databases[source], statements);

async function plan(from = 'azure', to = 'gcp', config = databases.config) {
  const { code, stdout, stderr } = await tandem(
    ['cutover', 'plan', '--from', from, '--to', to, '--json'],
    environmentOf(config),
  );
  expect(stderr).toBe('');
  const report: CutoverReport = JSON.parse(stdout);
  expect(code).toBe(report.exitCode);
  return report;
}

const of = ({ checks }: CutoverReport, subject: CutoverSubject) =>
  checks.find((check) => check.subject === subject);

const parity = () =>
  tandem(['parity', '--settle', '20', '--throttle', '100'], environmentOf(databases.config));

describe('the plan of a cutover', () => {
  it('has a verdict for each subject, and changes nothing', async () => {
    const sent: string[] = [];
    const record = { start: ({ query }: { query: string }) => void sent.push(query) } as never;
    const channels = ['mysql2:query', 'mysql2:execute'].map((name) => tracingChannel(name));
    for (const channel of channels) channel.subscribe(record);
    const report = await plan();
    for (const channel of channels) channel.unsubscribe(record);
    expect(sent.length).toBeGreaterThan(20);
    expect(sent.filter((sql) => !/^\s*(select|show|set session|\(?with)\b/i.test(sql))).toEqual([]);
    expect(report).toMatchObject({
      from: 'AZURE',
      to: 'GCP',
      verdict: 'UNKNOWN',
      exitCode: exitCodes.cutover.UNKNOWN,
      unreachable: [],
    });
    expect(report.checks.map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ['versions', 'OK'],
      ['settings', 'OK'],
      ['drift', expect.stringMatching(/OK|UNKNOWN/)],
      ['parity', 'UNKNOWN'],
      ['auto-increment', 'OK'],
      ['triggers and events', expect.stringMatching(/OK|UNKNOWN/)],
      ['accounts', expect.any(String)],
      ['replication', expect.stringMatching(/UNKNOWN|ATTENTION/)],
      ['writes', 'OK'],
    ]);
    expect(of(report, 'parity')?.next).toEqual(['tandem parity --throttle 100']);
    // What is not known can be found out.
    for (const { verdict, next } of report.checks) if (verdict !== 'OK') expect(next).not.toEqual([]);
  });

  it('takes the verdict of the last parity of all tables, in either direction', async () => {
    // The servers know the time of a write to the second.
    await delay(1100);
    expect((await parity()).code).toBe(0);
    expect(of(await plan(), 'parity')).toMatchObject({
      verdict: 'OK',
      findings: [expect.stringContaining('SAME')],
    });
    await run(
      'GCP',
      "insert into doctors (id, first_name, last_name, licence_number) values (3, 'a', 'b', 'c')",
    );
    // A run of some tables alone says nothing of the others, and one of before the last write nothing of that.
    await tandem(
      ['parity', 'patients', '--settle', '20', '--throttle', '100'],
      environmentOf(databases.config),
    );
    expect(of(await plan(), 'parity')).toMatchObject({
      verdict: 'ATTENTION',
      findings: [expect.stringContaining('SAME'), 'GCP has taken writes since it began, to doctors.'],
      next: ['stop the writes to AZURE, then tandem parity --throttle 100'],
    });
    expect((await parity()).code).toBe(2);
    const report = await plan('gcp', 'azure');
    expect(report).toMatchObject({ verdict: 'BLOCKED', exitCode: exitCodes.cutover.BLOCKED });
    expect(of(report, 'parity')?.next).toEqual(['tandem parity --repair gcp-to-azure']);
    await run('GCP', 'delete from doctors');
    await parity();
  });

  it('names counters that would give keys again, and what sets them', async () => {
    await run('GCP', 'alter table doctors auto_increment = 1');
    await run('AZURE', 'alter table doctors auto_increment = 5000000');
    expect(of(await plan(), 'auto-increment')).toEqual({
      subject: 'auto-increment',
      verdict: 'ATTENTION',
      findings: [expect.stringContaining('doctors: the next key is 5000000 on AZURE and 1 on GCP')],
      next: ['on GCP: ALTER TABLE `doctors` AUTO_INCREMENT = 5000000'],
    });
    await run('GCP', 'alter table doctors auto_increment = 5000000');
    expect(of(await plan(), 'auto-increment')?.verdict).toBe('OK');
    expect(of(await plan('gcp', 'azure'), 'auto-increment')?.verdict).toBe('OK');
  });

  it('is blocked by tables that differ', async () => {
    await run('GCP', 'alter table doctors modify specialty varchar(20)');
    const report = await plan();
    expect(report.verdict).toBe('BLOCKED');
    expect(of(report, 'drift')).toMatchObject({
      verdict: 'BLOCKED',
      next: expect.arrayContaining(['tandem drift --only azure-gcp']),
    });
    expect(of(report, 'drift')?.findings[0]).toContain('doctors.specialty');
    await run('GCP', 'alter table doctors modify specialty varchar(50)');
    expect(of(await plan(), 'drift')?.verdict).not.toBe('BLOCKED');
  });

  it('names the source that does not answer', async () => {
    for (const source of sourceNames) {
      const { config } = databases;
      const gone = { ...config.databases, [source]: { ...config.databases[source], port: 9 } };
      expect(await plan('azure', 'gcp', { ...config, databases: gone })).toMatchObject({
        verdict: null,
        exitCode: exitCodes.cutover.UNREACHABLE,
        checks: [],
        unreachable: [{ source, code: 'SOURCE_UNAVAILABLE' }],
      });
    }
  });

  it('is text for a person, and refuses directions that are none', async () => {
    const env = environmentOf(databases.config);
    const { stdout } = await tandem(['cutover', 'plan', '--from', 'AZURE', '--to', 'GCP'], env);
    expect(stdout).toContain('Cutover from AZURE to GCP\nOK         versions');
    expect(stdout).toMatch(/\n(UNKNOWN: |NOT READY)[^\n]*\n$/);
    for (const args of [
      ['--from', 'azure', '--to', 'azure'],
      ['--from', 'azure'],
      ['--from', 'aws', '--to', 'gcp'],
    ]) {
      expect((await tandem(['cutover', 'plan', ...args], env)).code).toBe(1);
    }
  });
});

/** Judged without servers: a test’s servers replicate nothing, and are of one version. */
describe('a judgement', () => {
  const facts = (given: Partial<SideFacts> & { version?: string } = {}): SideFacts =>
    ({
      isReadOnly: false,
      replication: [],
      counters: new Map(),
      snapshot: { facts: { version: given.version ?? '8.4.0' } },
      ...given,
    }) as SideFacts;
  const sides = (from: Parameters<typeof facts>[0], to: Parameters<typeof facts>[0]): Sides => ({
    from: 'AZURE',
    to: 'GCP',
    facts: { from: facts(from), to: facts(to) },
  });

  it.each([
    ['8.0.36', '8.4.2', 'OK'],
    ['8.0.36', '8.0.12', 'OK'],
    ['8.4.0', '8.0.40', 'ATTENTION'],
    ['9.7.4-cloud', '8.4.9-google', 'ATTENTION'],
    ['8.9.0', '8.10.0', 'OK'],
  ])('of versions compares releases: from %s to %s', (from, to, verdict) => {
    expect(judgeVersions(sides({ version: from }, { version: to })).verdict).toBe(verdict);
  });

  const channel = {
    name: '',
    receives: true,
    applies: true,
    lagSeconds: 0,
    delaySeconds: 0,
    sourceServer: 'a',
    filters: [],
  };
  it.each([
    [[channel], 'OK'],
    [[{ ...channel, lagSeconds: 7 }], 'ATTENTION'],
    [[{ ...channel, lagSeconds: null }], 'BLOCKED'],
    [[channel, { ...channel, applies: false }], 'BLOCKED'],
    [[{ ...channel, receives: false }], 'BLOCKED'],
    [[], 'ATTENTION'],
    [null, 'UNKNOWN'],
  ])('of replication goes by channels and lag: %j', (replication, verdict) => {
    expect(judgeReplication(sides({ server: 'a' }, { replication })).verdict).toBe(verdict);
  });

  it('of replication wants the first cloud as its source, or GTIDs that show all of it', () => {
    const from = (server: string, gap: { missing: number; own: number } | null) =>
      judgeReplication(sides({ server }, { replication: [channel] }), gap).verdict;
    expect([from('a', null), from('b', null)]).toEqual(['OK', 'ATTENTION']);
    expect(from('b', { missing: 0, own: 0 })).toBe('OK');
    expect([from('a', { missing: 1, own: 0 }), from('a', { missing: 0, own: 1 })]).toEqual([
      'ATTENTION',
      'ATTENTION',
    ]);
  });

  it('of replication needs none where the first cloud takes no writes', () => {
    expect(judgeReplication(sides({ isReadOnly: true }, { replication: [] })).verdict).toBe('OK');
  });

  it('of all is READY where each is OK alone, and not where one is unknown', () => {
    const all = (...verdicts: CutoverVerdict[]) => {
      const checks = verdicts.map((verdict) => checkOf('drift', [{ verdict, cause: 'x' }]));
      const report = cutoverReport({ from: 'AZURE', to: 'GCP' }, checks);
      return [report.verdict, report.exitCode, cutoverAsText(report).trimEnd().split('\n').at(-1)];
    };
    expect(all('OK', 'OK')).toEqual(['OK', 0, 'READY']);
    expect(all('OK', 'ATTENTION')).toEqual(['ATTENTION', 4, expect.stringMatching(/^NOT READY/)]);
    expect(all('UNKNOWN', 'ATTENTION')).toEqual(['UNKNOWN', 5, expect.stringMatching(/^UNKNOWN/)]);
    expect(all('BLOCKED', 'UNKNOWN')).toEqual(['BLOCKED', 2, 'NOT READY']);
    const both = checkOf('drift', [
      { verdict: 'UNKNOWN', cause: 'x', remedy: 'y' },
      { verdict: 'ATTENTION', cause: 'z' },
    ]);
    expect(both.verdict).toBe('UNKNOWN');
  });

  it('of writes tells a replica from a server that refuses them', () => {
    expect(judgeWrites(sides({}, { isReadOnly: true })).verdict).toBe('BLOCKED');
    expect(judgeWrites(sides({}, { isReadOnly: true, replication: [channel] })).verdict).toBe('ATTENTION');
    expect(judgeWrites(sides({ isReadOnly: true }, {})).verdict).toBe('OK');
  });

  it('of events tells those that run on both from those that the switch has to start', () => {
    const events = (status: string, more: Partial<SideFacts> & { notVisible?: string[] } = {}) => ({
      ...more,
      definers: more.definers ?? [],
      snapshot: {
        notVisible: more.notVisible ?? [],
        schema: { triggers: [], events: [{ name: 'e', status }] },
      } as never,
      runsEvents: true,
    });
    const judged = (from: string, to: ReturnType<typeof events>) => judgePrograms(sides(events(from), to));
    expect(judged('ENABLED', events('ENABLED')).next).toEqual([
      'on GCP: ALTER EVENT `e` DISABLE, until the switch',
    ]);
    expect(judged('ENABLED', events('SLAVESIDE_DISABLED')).next).toEqual([
      'at the switch, on GCP: ALTER EVENT `e` ENABLE',
    ]);
    expect(judged('DISABLED', events('DISABLED')).verdict).toBe('OK');
    expect(judged('DISABLED', { ...events('DISABLED'), runsEvents: false }).verdict).toBe('ATTENTION');
    expect(judged('DISABLED', events('DISABLED', { notVisible: ['TRIGGER'] }))).toMatchObject({
      verdict: 'UNKNOWN',
      next: ['on GCP: GRANT TRIGGER ON its database TO the migrator’s account'],
    });
    const definer = judged('DISABLED', events('DISABLED', { definers: ['root@%'] }));
    expect(definer).toMatchObject({
      verdict: 'ATTENTION',
      findings: [expect.any(String), expect.stringContaining('root@%')],
    });
  });

  it('of counters goes beyond what numbers hold', () => {
    const counters = (next: string) => ({ counters: new Map([['t', next]]) });
    const [more, less] = [counters('18446744073709551615'), counters('18446744073709551614')];
    expect(judgeCounters(sides(more, less)).verdict).toBe('ATTENTION');
    expect(judgeCounters(sides(less, more)).verdict).toBe('OK');
  });

  it('of parity counts a run of more than a day as one of before, and changes behind it', () => {
    const day = 24 * 60 * 60;
    const none: SideSince = {
      written: [],
      made: [],
      transactions: null,
      isRestarted: false,
      smallCache: null,
    };
    const judged = (
      to: Partial<SideSince>,
      run: { verdict?: 'SAME' | 'PARTIAL'; secondsAgo?: number } = {},
    ) =>
      judgeParity(
        { from: 'AZURE', to: 'GCP' },
        {
          run: { verdict: 'SAME', secondsAgo: 60, ...run },
          since: { from: none, to: { ...none, ...to } },
        },
      );
    const of = (...args: Parameters<typeof judged>) => judged(...args).verdict;
    expect([of({}, { secondsAgo: day }), of({}, { secondsAgo: day + 1 })]).toEqual(['OK', 'ATTENTION']);
    expect([of({}), of({}, { verdict: 'PARTIAL' })]).toEqual(['OK', 'ATTENTION']);
    expect([of({ written: ['t'] }), of({ made: ['t'] })]).toEqual(['ATTENTION', 'ATTENTION']);
    // A session without a binary log leaves no GTID.
    expect(of({ written: ['t'], transactions: 0 })).toBe('ATTENTION');
    const unsure = [{ isRestarted: true }, { smallCache: 400 }];
    expect(unsure.map((one) => of(one))).toEqual(['UNKNOWN', 'UNKNOWN']);
    expect(unsure.map((one) => of({ ...one, transactions: 1 }))).toEqual(['UNKNOWN', 'UNKNOWN']);
    expect(unsure.map((one) => of({ ...one, transactions: 0 }))).toEqual(['OK', 'OK']);
    expect(judged({ written: ['a', 'b', 'c', 'd', 'e'] }).findings[1]).toBe(
      'GCP has taken writes since it began, to a, b, c and 2 more tables.',
    );
  });

  it.each([
    ['', 0],
    ['3E11FA47-71CA-11E1-9E33-C80AA9429562:23', 1],
    ['3e11fa47-71ca-11e1-9e33-c80aa9429562:1-3:11:47-49', 7],
    ['3e11fa47-71ca-11e1-9e33-c80aa9429562:1-3,\n4350f323-7565-4e59-8763-4b1b83a0ce0e:1', 4],
    ['3e11fa47-71ca-11e1-9e33-c80aa9429562:tag_1:1-5:tag_2:7', 6],
  ])('of GTIDs counts transactions: %j', (gtids, count) => {
    expect(transactionsIn(gtids)).toBe(count);
  });
});
