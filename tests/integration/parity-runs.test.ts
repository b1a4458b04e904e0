import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { takeParityLock } from '../../src/parity/lock.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { environmentOf } from '../helpers/databases.ts';
import { createParityPair, type ParityPair } from '../helpers/parity-pair.ts';
import { tandem } from '../helpers/run-command-line.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startServing } from '../helpers/serving.ts';

let pair: ParityPair;
let server: TestServer;

beforeAll(async () => {
  pair = await createParityPair();
  await pair.run([
    'create table alike (id int primary key, v varchar(20))',
    "insert into alike values (1, 'a'), (2, 'b')",
    // A difference is looked at again until both sides stood still: a run that has one takes some seconds.
    'create table unlike (id int primary key, v varchar(20))',
    "insert into unlike values (1, 'a'), (2, 'b'), (3, 'c')",
  ]);
  await pair.run(["update unlike set v = 'x' where id = 2", 'delete from unlike where id = 3'], ['GCP']);
  server = await startServer(pair.config);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await pair?.[Symbol.asyncDispose]();
});

const fields =
  'id state verdict isWhole requestedTables endedAt progress { tables tablesDone rows differences } tables { table verdict }';
const begin = (args = '') => server.ask(`mutation { startParity${args} { ${fields} } }`);
const cancel = (id: string) => server.ask(`mutation { cancelParity(id: "${id}") { ${fields} } }`);
const find = async (args = '') => (await server.ask(`{ parity${args} { ${fields} } }`)).data.parity;
const resume = '(resume: true)';

/** Polls as a client does. */
async function ended(id: string) {
  for (;;) {
    const run = await find(`(id: "${id}")`);
    if (run.state !== 'RUNNING') return run;
    await delay(100);
  }
}

const codeOf = ({ errors }: { errors?: { extensions: { code: string } }[] }) => errors?.[0]?.extensions.code;

describe('a run of parity that the API begins', () => {
  it('answers at once, is followed by polling, and ends with the verdict of the command', async () => {
    const { data } = await begin();
    const { id } = data.startParity;
    expect(data.startParity).toMatchObject({
      state: 'RUNNING',
      verdict: null,
      isWhole: true,
      requestedTables: [],
      endedAt: null,
      progress: { tables: 2, differences: 0 },
    });
    expect(await ended(id)).toEqual({
      id,
      state: 'DONE',
      verdict: 'DIFFERENT',
      isWhole: true,
      requestedTables: [],
      endedAt: expect.any(String),
      progress: { tables: 2, tablesDone: 2, rows: 5, differences: 2 },
      tables: [
        { table: 'alike', verdict: 'SAME' },
        { table: 'unlike', verdict: 'DIFFERENT' },
      ],
    });
  });

  it('is refused while another one goes on, of this process or of another', async () => {
    const { data } = await begin('(tables: ["unlike"])');
    const again = [begin('(tables: ["alike"])'), begin(resume)];
    expect((await Promise.all(again)).map(codeOf)).toEqual(['ALREADY_RUNNING', 'ALREADY_RUNNING']);
    await cancel(data.startParity.id);

    const lock = await takeParityLock(pair.clients);
    expect(codeOf(await begin())).toBe('ALREADY_RUNNING');
    if ('release' in lock) await lock.release();
    const free = await begin('(tables: ["alike"])');
    expect(await ended(free.data.startParity.id)).toMatchObject({ verdict: 'SAME' });
  });

  it('of some tables does not pass for the last run of all', async () => {
    const { data } = await begin('(tables: ["al*"])');
    const run = await ended(data.startParity.id);
    expect(run).toMatchObject({
      verdict: 'SAME',
      isWhole: false,
      requestedTables: ['al*'],
      progress: { tables: 1 },
    });
    expect((await find()).id).toBe(run.id);
    expect(await find('(whole: true)')).toMatchObject({ verdict: 'DIFFERENT', isWhole: true });
    expect(await find('(id: "no such run")')).toBeNull();
  });

  it('is cancelled, and resumed behind what it had compared', async () => {
    const { data } = await begin();
    const { id } = data.startParity;
    expect((await cancel(id)).data.cancelParity).toMatchObject({ id, state: 'CANCELLED', verdict: null });
    expect(await find()).toMatchObject({ id, state: 'CANCELLED', endedAt: expect.any(String) });
    const again = await begin(resume);
    expect(again.data.startParity).toMatchObject({ id, state: 'RUNNING', endedAt: null });
    expect(await ended(id)).toMatchObject({ state: 'DONE', verdict: 'DIFFERENT', progress: { rows: 5 } });
    // What has ended stays as it is.
    expect((await cancel(id)).data.cancelParity).toMatchObject({ state: 'DONE', verdict: 'DIFFERENT' });
    expect(await begin(resume)).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('No run is left unfinished'),
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
  });

  it('cancels the run of another process, which ends by itself', async () => {
    const other = tandem(['parity', 'unlike', '--settle', '4000'], environmentOf(pair.config));
    let run = await find();
    while (run.state !== 'RUNNING') {
      await delay(50);
      run = await find();
    }
    expect((await cancel(run.id)).data.cancelParity).toMatchObject({ id: run.id, state: 'CANCELLED' });
    expect(await other).toMatchObject({ code: 1, stderr: expect.stringContaining('was cancelled') });
    expect(await find()).toMatchObject({ id: run.id, state: 'CANCELLED' });
  });

  it('refuses names that no table has, no names, ids that no run has, and resuming with names', async () => {
    for (const args of ['(tables: ["nowhere"])', '(tables: [])', '(tables: ["alike"], resume: true)'])
      expect(codeOf(await begin(args)), args).toBe('BAD_USER_INPUT');
    expect(codeOf(await cancel('x'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await cancel("' or 1 = 1 -- "))).toBe('BAD_USER_INPUT');
  });

  it('shows keys of rows to roles alone that read the whole table', async () => {
    const { data } = await begin('(tables: ["unlike"])');
    await ended(data.startParity.id);
    const auth = await authFor({ viewer: { roles: ['viewer'] }, admin: { roles: ['administrator'] } });
    const rules = {
      roles: { viewer: { description: 'A test.', features: ['parity'] } },
      tables: {},
    } as const;
    await using guarded = await startServer({ ...pair.config, auth }, { rules });
    const query = `{ parity(id: "${data.startParity.id}") { tables { different onlyAzure notes differences { key { value } } } } }`;
    const tablesFor = async (caller: string) => (await askAs(guarded, caller, query)).data.parity.tables;
    expect(await tablesFor('admin')).toEqual([
      {
        different: 1,
        onlyAzure: 1,
        notes: [],
        differences: [{ key: [{ value: '2' }] }, { key: [{ value: '3' }] }],
      },
    ]);
    expect(await tablesFor('viewer')).toEqual([
      {
        different: 1,
        onlyAzure: 1,
        notes: [expect.stringContaining('roles that read all rows')],
        differences: [],
      },
    ]);
  });

  it('needs a permission of its own', async () => {
    const auth = await authFor({ viewer: { roles: ['viewer'] }, runner: { roles: ['runner'] } });
    const rules = {
      roles: {
        viewer: { description: 'A test.', features: ['parity'] },
        runner: { description: 'A test.', features: ['parity', 'parityRuns'] },
      },
      tables: {},
    } as const;
    await using guarded = await startServer({ ...pair.config, auth }, { rules });
    const mutation = 'mutation { startParity(tables: ["alike"]) { id state } }';
    expect(codeOf(await askAs(guarded, 'viewer', mutation))).toBe('GRAPHQL_VALIDATION_FAILED');
    const { data } = await askAs(guarded, 'runner', mutation);
    expect(data.startParity.id).toEqual(expect.any(String));
    await ended(data.startParity.id);
  });

  it('is refused where the server has no account beside its own, whose connections are all its pool’s', async () => {
    const { AZURE, GCP } = pair.config.databases;
    const databases = { AZURE, GCP: { ...GCP, migrator: GCP.runtime } };
    await using other = await startServer({ ...pair.config, databases });
    expect((await other.ask('mutation { startParity { id } }')).errors).toMatchObject([
      {
        message: expect.stringContaining('GCP_DB_MIGRATOR_USER'),
        extensions: { code: 'SOURCE_ACCESS_DENIED' },
      },
    ]);
  });

  it('is refused where a source is away', async () => {
    const { AZURE, GCP } = pair.config.databases;
    await using other = await startServer({ ...pair.config, databases: { AZURE, GCP: { ...GCP, port: 9 } } });
    expect((await other.ask('mutation { startParity { id } }')).errors).toMatchObject([
      { extensions: { code: 'SOURCE_UNAVAILABLE', source: 'GCP' } },
    ]);
  });
});

describe('the end of the process', () => {
  it('aborts the run at once at a shutdown, and another server resumes it', async () => {
    const other = await startServer(pair.config);
    const { data } = await other.ask('mutation { startParity { id } }');
    await other[Symbol.asyncDispose]();
    const { id } = data.startParity;
    expect(await find()).toMatchObject({ id, state: 'ABORTED', verdict: null });
    await begin(resume);
    expect(await ended(id)).toMatchObject({ state: 'DONE', verdict: 'DIFFERENT' });
  });

  it('leaves a run of a killed process that shows as aborted after 15 s, and is resumed at once', async () => {
    const serving = await startServing(environmentOf(pair.config));
    const response = await fetch(`${serving.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { startParity { id } }' }),
    });
    const { data } = (await response.json()) as { data: { startParity: { id: string } } };
    process.kill(serving.pid, 'SIGKILL');
    await serving[Symbol.asyncDispose]();
    const { id } = data.startParity;
    expect(await find()).toMatchObject({ id, state: 'RUNNING' });
    await pair.clients.AZURE.run(
      'update tandem_parity_run set seen_at = seen_at - interval 15 second where id = ?',
      [id],
    );
    expect(await find()).toMatchObject({ id, state: 'ABORTED', verdict: null });
    const { code } = await tandem(
      ['parity', '--resume', '--settle', '20', '--throttle', '100'],
      environmentOf(pair.config),
    );
    expect(code).toBe(exitCodes.parity.DIFFERENT);
    expect(await find()).toMatchObject({ id, state: 'DONE' });
  });
});
