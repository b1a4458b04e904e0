import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { expect, it } from 'vitest';
import { azureAccounts, environmentOf, gcpAccounts, type Provisioned } from '../../deploy/pulumi/outputs.ts';
import { readSettings } from '../../deploy/pulumi/settings.ts';
import { loadConfig } from '../../src/config/config.ts';
import { parseGrants, rightsOn } from '../../src/information-schema/grants.ts';
import { roles } from '../../src/preflight/steps/privileges.ts';

const run = promisify(execFile);
// TANDEM_LONG=1 installs Pulumi's packages (312 MB) in a folder of their own, and runs the program with Pulumi's mocks.
const long = process.env.TANDEM_LONG === '1';

const settings = readSettings('deploy/pulumi/settings.json');
const provisioned: Provisioned = {
  azure: { host: 'a.mysql.database.azure.com', migratorClientId: 'm-id', runtimeClientId: 'r-id' },
  gcp: {
    host: '10.50.0.2',
    runtimeUser: 'tandem-app',
    migratorUser: 'tandem-migrator',
    migratorEmail: 'tandem-migrator@my-project.iam.gserviceaccount.com',
  },
};

it('gives an environment that Tandem reads as it is', () => {
  const given = parseEnv(environmentOf(provisioned, settings)) as Record<string, string>;
  // The one file that it names is written by another output.
  const { pool, databases } = loadConfig({ ...given, GCP_DB_SSL_CA: '' }, '/nonexistent');
  expect(pool).toMatchObject({ max: 20, shared: true, connectTimeoutMs: 6000 });
  expect(databases.AZURE).toMatchObject({
    host: 'a.mysql.database.azure.com',
    runtime: { user: 'tandem-app', password: { argv: expect.arrayContaining(['get-access-token']) } },
    tls: { mode: 'VERIFY_IDENTITY' },
  });
  expect(databases.GCP).toMatchObject({
    migrator: {
      user: 'tandem-migrator',
      password: { argv: expect.arrayContaining(['--impersonate-service-account']) },
    },
    tls: { mode: 'VERIFY_CA' },
  });
});

it.each([
  ['Azure', azureAccounts(provisioned, settings)],
  ['Cloud SQL', gcpAccounts(provisioned, settings)],
])('gives the accounts of %s the rights that preflight wants, and no more', (_cloud, sql) => {
  for (const role of ['runtime', 'migrator'] as const) {
    const user = role === 'runtime' ? 'tandem-app' : 'tandem-migrator';
    const grants = sql
      .split('\n')
      .filter((line) => line.startsWith('GRANT') && line.includes(user))
      .map((line) => line.replace(/;$/, '').replaceAll("'", '`').replace('ON tandem.', 'ON `tandem`.'));
    const { missing, beyond } = rightsOn(parseGrants(grants), {
      schema: 'tandem',
      tables: [],
      ...roles[role],
    });
    expect({ role, missing, beyond }).toEqual({ role, missing: [], beyond: [] });
  }
});

it.runIf(long)(
  'asks both clouds for resources that keep every policy, and breaks each policy where a violation is planted',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-pulumi-'));
    try {
      await cp('deploy/pulumi', folder, { recursive: true });
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
      const types = resolve('node_modules/@types');
      await run(process.execPath, [
        resolve('node_modules/typescript/bin/tsc'),
        '-p',
        folder,
        '--typeRoots',
        types,
      ]);
      const options = { cwd: folder, maxBuffer: 16 * 1024 * 1024 };
      const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap'], options);
      expect(stdout).toMatch(/^# fail 0$/m);
      expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(80);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
