import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openParityClient } from '../../src/parity/client.ts';
import { openPair } from '../../src/parity/open-pair.ts';
import { findRun } from '../../src/parity/read-run-record.ts';
import { runParity } from '../../src/parity/run.ts';
import { createParityPair, type ParityPair } from '../helpers/parity-pair.ts';
import { startTandem, tandem } from '../helpers/run-command-line.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

let pair: ParityPair;
let proxy: TcpProxy;
/** GCP is behind the proxy. */
let settings: Record<string, string>;

beforeAll(async () => {
  pair = await createParityPair();
  await pair.run([
    'create table alike (id int primary key, v varchar(20))',
    "insert into alike values (1, 'a'), (2, 'b')",
    'create table unlike (id int primary key, v varchar(20))',
    "insert into unlike values (1, 'a'), (2, 'b'), (3, 'c')",
  ]);
  await pair.run(["update unlike set v = 'x' where id = 2", 'delete from unlike where id = 3'], ['GCP']);
  proxy = await startProxy(pair.config.databases.GCP.port);
  settings = { ...pair.settings, GCP_DB_PORT: String(proxy.port) };
});
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
});

const last = () => findRun(pair.clients.AZURE);
const quick = ['--settle', '20', '--throttle', '100'];
/** Differences are looked at again and again: it goes on for twice as long at least. */
const slow = ['--settle', '4000', '--throttle', '100'];

/** Waits until a run has begun behind the one before, and compared the first table. */
async function untilItRuns(before: string | undefined) {
  for (;;) {
    const run = await last();
    if (run?.state === 'RUNNING' && run.id !== before) {
      const done = await pair.rows(
        'AZURE',
        `select count(*) as n from tandem_parity_table where run_id = '${run.id}' and verdict is not null`,
      );
      if (done[0]?.n === 1) return run;
    }
    await delay(20);
  }
}

describe('a run that is interrupted', () => {
  let before: string | undefined;
  beforeEach(async () => {
    proxy.mode = 'pass';
    before = (await last())?.id;
  });

  async function isResumed(id: string) {
    expect(await last()).toMatchObject({ id, state: 'ABORTED', verdict: null });
    const { code, stdout } = await tandem(['parity', '--resume', '--json', ...quick], settings);
    const { tables, ...report } = JSON.parse(stdout);
    expect({ code, id: report.id }).toEqual({ code: 2, id });
    expect(tables).toMatchObject([
      { table: 'alike', verdict: 'SAME', rows: { AZURE: 2, GCP: 2 } },
      { table: 'unlike', verdict: 'DIFFERENT', different: 1, onlyAzure: 1 },
    ]);
  }

  it('ends by Ctrl-C with 1 and the command that goes on with it', async () => {
    const child = startTandem(['parity', ...slow], settings);
    let stderr = '';
    child.stderr.on('data', (text) => (stderr += text));
    const { id } = await untilItRuns(before);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('tandem parity --resume') });
    await isResumed(id);
  });

  it('ends with 3 where a cloud refuses connections from then on', async () => {
    const run = tandem(['parity', ...slow], settings);
    const { id } = await untilItRuns(before);
    await proxy.refuse();
    expect(await run).toMatchObject({ code: 3, stdout: expect.stringContaining('gcp  SOURCE_UNAVAILABLE') });
    await proxy.listen();
    await isResumed(id);
  });

  it('ends with 3 where a cloud answers nothing from then on', async () => {
    const run = tandem(['parity', ...slow], settings);
    const { id } = await untilItRuns(before);
    proxy.mode = 'black hole';
    expect(await run).toMatchObject({ code: 3, stdout: expect.stringContaining('gcp  SOURCE_UNAVAILABLE') });
    proxy.mode = 'pass';
    // The server still has the sessions; it ends that of the lock when it has heard nothing for 30 s.
    proxy.reset();
    await isResumed(id);
  });

  it('goes on where its connections are reset', async () => {
    const run = tandem(['parity', '--settle', '500', '--throttle', '100'], settings);
    await untilItRuns(before);
    proxy.reset();
    expect((await run).code).toBe(2);
  });
});

describe('a repair that is interrupted', () => {
  it.each(['refuses connections', 'answers nothing'] as const)(
    'ends with 3 where a cloud %s from then on, and is run again',
    async (what) => {
      const args = ['parity', 'unlike', '--repair', 'azure-to-gcp'];
      const taken = proxy.taken;
      const repair = tandem([...args, '--apply', ...slow], settings);
      await expect.poll(() => proxy.taken, { timeout: 30_000 }).toBeGreaterThan(taken + 1);
      // It waits for rows to stand still.
      await delay(2000);
      if (what === 'answers nothing') proxy.mode = 'black hole';
      else await proxy.refuse();
      expect(await repair).toMatchObject({
        code: 3,
        stdout: expect.stringContaining('gcp  SOURCE_UNAVAILABLE'),
      });
      proxy.mode = 'pass';
      proxy.reset();
      if (what !== 'answers nothing') await proxy.listen();
      expect((await tandem([...args, ...quick], settings)).code).toBe(2);
    },
  );
});

describe('a table that changes while it is compared', () => {
  it('is partly compared where it is dropped, and the others are compared all the same', async () => {
    const pairs = await openPair(pair.clients, ['alike']);
    expect('pairs' in pairs).toBe(true);
    await pair.run(['create table gone (id int primary key)', 'create table later (id int primary key)']);
    const report = await runParity(
      pair.clients,
      { tables: ['gone', 'later'], since: null, resume: false, throttle: 100, settleMs: 20 },
      { begun: () => void pair.run(['drop table gone']) },
    );
    expect(report.tables).toMatchObject([
      { table: 'gone', verdict: 'PARTIAL', notes: [expect.stringContaining('Not compared')] },
      { table: 'later', verdict: 'SAME' },
    ]);
    await pair.run(['drop table later']);
  });

  it('keeps what was found before the server refuses to go on', async () => {
    const rows = 12_000;
    await pair.run([
      'set session cte_max_recursion_depth = 100000',
      'create table cut (id int primary key, v int)',
      `insert into cut with recursive n as (select 1 as i union all select i + 1 from n where i < ${rows}) select i, i from n`,
    ]);
    await pair.run(['update cut set v = -v where id <= 7000'], ['GCP']);
    let dropped: Promise<void> | undefined;
    const { tables, verdict } = await runParity(
      pair.clients,
      { tables: ['cut'], since: null, resume: false, throttle: 100, settleMs: 20 },
      {
        table({ different }) {
          if (different > 0) dropped ??= pair.run(['drop table cut']);
        },
      },
    );
    await dropped;
    expect(verdict).toBe('DIFFERENT');
    expect(tables).toMatchObject([
      { verdict: 'DIFFERENT', notes: [expect.stringContaining('Not compared to its end')] },
    ]);
    expect(tables[0]?.different).toBeGreaterThanOrEqual(5000);
  });

  it('is SAME where rows move to other keys on both sides meanwhile', async () => {
    await pair.run([
      'create table moving (id int primary key, v int)',
      'insert into moving with recursive n as (select 1 as i union all select i + 1 from n where i < 900) select i, i from n',
    ]);
    let going = true;
    const moves = (async () => {
      // From what has been compared to what has not, and back.
      for (let at = 1; going; at = (at % 900) + 1) {
        const move = `update moving set id = if(id > 100000, id - 100000, id + 100000) where v = ${at}`;
        await pair.run([move], ['AZURE']);
        await pair.run([move], ['GCP']);
      }
    })();
    const request = { tables: ['moving'], since: null, resume: false, throttle: 100, settleMs: 100 };
    for (let pass = 0; pass < 3; pass++) {
      const { tables } = await runParity(pair.clients, request);
      expect(tables).toMatchObject([{ different: 0, onlyAzure: 0, onlyGcp: 0, hot: 0 }]);
    }
    going = false;
    await moves;
  });
});

describe('a source that takes no changes', () => {
  it('leaves the record to the other one', async () => {
    // As an account that may read alone sees it.
    const { runtime } = pair.config.databases.AZURE;
    const AZURE = { ...pair.config.databases.AZURE, migrator: runtime };
    const config = { ...pair.config, databases: { ...pair.config.databases, AZURE } };
    await using azure = await openParityClient('AZURE', config);
    let id: string | null = null;
    await runParity(
      { AZURE: azure, GCP: pair.clients.GCP },
      { tables: ['alike'], since: null, resume: false, throttle: 100, settleMs: 20 },
      { begun: (begun) => (id = begun) },
    );
    expect(await findRun(pair.clients.GCP)).toMatchObject({ id, state: 'DONE', verdict: 'SAME' });
  });
});
