import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SqlEntityManager } from '@mikro-orm/mysql';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { spawnTandem, startTandem, tandem } from '../helpers/run-command-line.ts';
import { type Serving, startServing } from '../helpers/serving.ts';

let databases: TestDatabases;
let settings: Record<string, string>;

beforeAll(async () => {
  databases = await createDatabases();
  settings = { ...environmentOf(databases.config), PORT: '0' };
});
afterAll(() => databases?.[Symbol.asyncDispose]());

/** Resolves when another session of the runtime account is in the middle of an INSERT. */
async function sessionsWaiting(em: SqlEntityManager): Promise<void> {
  for (;;) {
    const rows = await em.execute<{ info: string | null }[]>(
      'select info from information_schema.processlist where db = database() and id <> connection_id()',
    );
    if (rows.some(({ info }) => info?.startsWith('insert'))) return;
    await setTimeout(10);
  }
}

/** Resolves when nobody listens any more. */
async function refuses(url: string): Promise<void> {
  for (;;) {
    const refused = await fetch(url).then(
      () => false,
      () => true,
    );
    if (refused) return;
    await setTimeout(10);
  }
}

describe('npm start', () => {
  it('runs a bundle in which classes have their names, and no function is given its name when it is made', async () => {
    const bundle = await readFile(join(inject('build'), 'src/commands/serve.js'), 'utf8');
    expect(bundle).toMatch(
      /class Patient\d* extends SourceRow\d* \{\s*static \{\s*__nameOfClass\(this, "Patient"\);/,
    );
    expect(bundle).toContain('var __name = (target) => target;\n');
    expect(bundle).not.toMatch(/[^_a-zA-Z]__name\(this/);
  });

  it('says that there is no build where there is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-unbuilt-'));
    try {
      await copyFile('package.json', join(folder, 'package.json'));
      const failed = await promisify(execFile)('npm', ['start'], { cwd: folder }).catch((error) => error);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain('There is no build in dist/: run `npm run build` first.');
      expect(failed.stderr).not.toMatch(/MODULE_NOT_FOUND|Cannot find module/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Neither account's password is in what was logged. */
function hasNoSecret(lines: Serving['lines']): void {
  const text = JSON.stringify(lines);
  for (const name of ['AZURE', 'GCP'] as const) {
    const { runtime, migrator } = databases.config.databases[name];
    expect(text).not.toContain(runtime.password);
    expect(text).not.toContain(migrator.password);
  }
}

describe('tandem serve', () => {
  async function serving() {
    const child = startTandem(['serve'], settings);
    const lines: Record<string, unknown>[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const entry = JSON.parse(line);
        lines.push(entry);
        if (typeof entry.url === 'string') resolve(entry.url);
      });
      once(child, 'close').then(([code]) => reject(new Error(`ended with ${code}`)));
    });
    return { child, url, lines };
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'answers what is in flight on %s, then exits with 0',
    async (signal) => {
      const { child, url, lines } = await serving();
      await using source = await openSource('AZURE', databases.config.databases.AZURE, pool);
      await seed(source, 1);
      let answer: Promise<Response> | undefined;
      await source.write(async (em) => {
        // A record needs its patient's row: the request waits for as long as this transaction holds it.
        await em.execute('select id from patients where id = 1 for update');
        answer = fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            query: `mutation { addMedicalRecord(source: AZURE, input: { patientKey: 1, diagnosis: "Sleep", admissionDate: "2024-01-01" }) {
            medicalRecord { diagnosis } } }`,
          }),
        });
        await sessionsWaiting(em);
        child.kill(signal);
        await refuses(url);
      });
      expect(await (await answer)?.json()).toEqual({
        data: { addMedicalRecord: { medicalRecord: { diagnosis: 'Sleep' } } },
      });
      const [code] = await once(child, 'close');
      expect(code).toBe(0);
      expect(lines.at(-1)).toMatchObject({ msg: 'stopped' });
      hasNoSecret(lines);
    },
  );

  describe('that goes on', () => {
    let server: Serving;
    beforeAll(async () => {
      server = await startServing(settings);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    it('logs where it listens and how the pools are set, and no secret', () => {
      expect(server.lines).toContainEqual(
        expect.objectContaining({ pool: expect.objectContaining({ max: 20, connectTimeoutMs: 3000 }) }),
      );
      hasNoSecret(server.lines);
    });

    it('names a port that is taken', async () => {
      const { port } = new URL(server.url);
      const { code, stderr } = await spawnTandem(['serve'], { ...settings, PORT: port });
      expect(code).toBe(1);
      expect(stderr).toContain(`Port ${port} is taken by another program.\nNext: Set PORT to another one`);
    });

    // The last one: the server opens nothing more.
    it('names the limit of open files as the reason where it cannot connect for that', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const body = JSON.stringify({ query: '{ patient(source: AZURE, key: 1) { key } }' });
      const ask = () =>
        new Promise<string>((resolve, reject) => {
          const headers = { 'content-type': 'application/json' };
          request(`${server.url}/graphql`, { method: 'POST', agent, headers }, async (response) => {
            resolve((await response.toArray()).join(''));
          })
            .on('error', reject)
            .end(body);
        });
      // Its connection is open before the server may open nothing more.
      await new Promise((resolve) =>
        request(`${server.url}/livez`, { agent }, (r) => r.resume().on('end', resolve)).end(),
      );
      await promisify(execFile)('prlimit', ['--nofile=3', '--pid', String(server.pid)]);
      const answer = await ask();
      expect(answer).toContain('"code":"SOURCE_UNAVAILABLE"');
      expect(answer).not.toContain('EMFILE');
      const line = await server.line(({ source, reason }) => source === 'AZURE' && reason !== undefined);
      expect(line.reason).toBe('OPEN_FILES_LIMIT');
      agent.destroy();
    });
  });
});

describe('tandem', () => {
  it('ends without a word where whoever reads its output has enough', async () => {
    const child = startTandem(['migrate', 'sql'], {});
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, 'close');
    expect([code, said]).toEqual([0, expect.not.stringContaining('EPIPE')]);
  });

  it('lists every fault of the configuration and exits with 1', async () => {
    const { code, stderr, stdout } = await spawnTandem(['serve'], { NODE_ENV: 'production', PORT: 'x' });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/settings are wrong:/);
    expect(stderr).toMatch(/AZURE_DB_HOST +is missing/);
    expect(stderr).toMatch(/PORT +is not a port/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('seeds one source or both, and prints JSON for scripts', async () => {
    const first = await spawnTandem(['seed', '--patients', '10', '--source', 'gcp', '--json'], settings);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toEqual({
      GCP: { doctors: 12, patients: 10, records: expect.any(Number), leftAlone: 0 },
    });
    const second = await tandem(['seed', '--patients', '10', '--json'], settings);
    expect(JSON.parse(second.stdout)).toEqual({
      AZURE: { doctors: 0, patients: 9, records: expect.any(Number), leftAlone: 0 },
      GCP: { doctors: 0, patients: 0, records: 0, leftAlone: 0 },
    });
  });

  it('says which database it cannot reach, why, and what to do', async () => {
    const { code, stderr } = await tandem(['seed'], { ...settings, AZURE_DB_PORT: '9' });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^SOURCE_UNAVAILABLE: .*AZURE does not answer.*\nCONNECTION_REFUSED: .*AZURE_DB_PORT.*\nNext: .*az mysql/s,
    );
  });

  it.each([
    [['seed', '--patients', 'many'], /must be a whole number from 0 to 10,000,000/],
    [['seed', '--source', 'aws'], /Allowed choices are azure, gcp, all/],
    [['sreve'], /unknown command 'sreve'/],
  ])('refuses %j and says why', async (args, message) => {
    const { code, stderr } = await tandem(args, settings);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('says the same compiled, as other tests start it, and run from TypeScript by tsx', async () => {
    const args = ['migrate', 'sql', '--source', 'azure'];
    const tsx = ['--import', 'tsx', 'src/cli.ts', ...args];
    const [compiled, source] = await Promise.all([
      spawnTandem(args),
      promisify(execFile)(process.execPath, tsx, { env: { PATH: process.env.PATH } }),
    ]);
    expect(compiled.stdout).toContain('create table `patients`');
    expect(source.stdout).toBe(compiled.stdout);
  });

  it('helps', async () => {
    const { code, stdout } = await spawnTandem(['--help']);
    expect(code).toBe(0);
    for (const command of ['demo', 'serve', 'seed', 'local']) expect(stdout).toContain(`  ${command}`);
  });
});
