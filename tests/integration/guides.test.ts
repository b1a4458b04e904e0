import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { azOptions } from '../fixtures/az-options.ts';
import { commandsOf, wordsOf } from '../helpers/guide-commands.ts';

const run = promisify(execFile);

/** What is wrong with a command of `az` by the table of its options. */
function azFaults(command: string): string[] {
  const words = wordsOf(command).slice(1);
  const first = words.findIndex((word) => word.startsWith('-') || word === '');
  const name = words.slice(0, first === -1 ? words.length : first).join(' ');
  const known = azOptions[name];
  if (known === undefined) return [`az ${name}: is not in the table`];
  const given = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0] as string);
  const all = [...known.options, ...(azOptions.global?.options ?? [])];
  const faults = given
    .filter((option) => !all.includes(option))
    .map((option) => `az ${name}: no option ${option}`);
  const missing = (known.required ?? []).filter((option) => !given.includes(option));
  return [...faults, ...missing.map((option) => `az ${name}: lacks ${option}`)];
}

describe('the guide to Azure', () => {
  // A sentence may name a command without its options.
  const commands = commandsOf('docs/azure.md', 'az').filter(
    (command) => command.includes(' --') || command === 'az login',
  );

  it.each(commands)('has in `%s` options that the command has', (command) => {
    expect(azFaults(command)).toEqual([]);
  });

  it('has a command for each entry of the table, and a wrong option is found out', () => {
    const used = commands.map((command) => wordsOf(command).slice(1).join(' '));
    const entries = Object.keys(azOptions).filter(
      (name) => !['global', 'account get-access-token'].includes(name),
    );
    expect(entries.filter((name) => !used.some((line) => line.startsWith(name)))).toEqual([]);
    expect(azFaults('az mysql flexible-server create --lower-case')).toEqual([
      'az mysql flexible-server create: no option --lower-case',
    ]);
    expect(azFaults('az group create --name a')).toEqual(['az group create: lacks --location']);
    expect(azFaults('az mysql server create --name a')).toEqual([
      'az mysql server create: is not in the table',
    ]);
  });

  it('neither opens the server to the internet nor takes what costs or shuts out replication by default', () => {
    const create = commands.find((command) => command.startsWith('az mysql flexible-server create')) ?? '';
    expect(create).toContain('--public-access None');
    expect(create).toContain('--version 8.4');
    expect(create).toContain('--auto-scale-iops Disabled');
    expect(create).not.toContain('Burstable');
    expect(commands.join('\n')).not.toMatch(/0\.0\.0\.0|--public-access All/);
  });
});

const long = process.env.TANDEM_LONG === '1';
const gcloud =
  long &&
  (await run('gcloud', ['--version']).then(
    () => true,
    () => false,
  ));
if (long && !gcloud) console.warn('SKIPPED: the commands of docs/gcp.md, since gcloud is not installed.');

const authority = (sha1Fingerprint: string, day: string) => ({
  kind: 'sql#sslCert',
  sha1Fingerprint,
  cert: 'PEM',
  createTime: `2026-11-${day}T00:00:00.000Z`,
  expirationTime: '2036-11-01T00:00:00.000Z',
});

/** An API that takes every request: an operation that is done, or the instance. */
async function startApi() {
  const requests: { readonly line: string; readonly body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const body = String(await buffer(request));
    const path = request.url?.split('?')[0] ?? '';
    requests.push({ line: `${request.method} ${path}`, body: body === '' ? undefined : JSON.parse(body) });
    response.setHeader('content-type', 'application/json');
    const done = {
      kind: 'sql#operation',
      status: 'DONE',
      name: 'done',
      targetId: 'x',
      targetProject: 'my-project',
    };
    const instance = {
      kind: 'sql#instance',
      name: 'tandem-mysql',
      project: 'my-project',
      state: 'RUNNABLE',
      databaseVersion: 'MYSQL_8_4',
      settings: { tier: 'db-custom-1-3840', databaseFlags: [], ipConfiguration: {}, settingsVersion: '1' },
      ipAddresses: [{ ipAddress: '198.51.100.20' }],
    };
    const isOperation = path.includes('/operations/') || request.method !== 'GET';
    const list = /(Cas|Certs)$/.test(path)
      ? { certs: [authority('aa', '01'), authority('bb', '02')], activeVersion: 'aa' }
      : instance;
    response.end(JSON.stringify(isOperation ? done : list));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

describe('the guide to Google Cloud', () => {
  const commands = commandsOf('docs/gcp.md', 'gcloud').filter((one) => / --| "\$INSTANCE"/.test(one));
  const create = commands.find((command) => command.startsWith('gcloud sql instances create')) ?? '';

  it('makes an instance that can replicate from Azure’s server and to it', () => {
    expect(create).toContain('lower_case_table_names=1');
    expect(create).toContain('--enable-bin-log');
    // The list of flags is replaced as a whole.
    const patch =
      commands.find((command) => command.includes('patch') && command.includes('--database-flags=')) ?? '';
    const flags = (command: string) => /--database-flags=(\S+)/.exec(command)?.[1];
    expect(flags(patch)).toBe(flags(create));
    expect(commands.join('\n')).not.toContain('0.0.0.0/0');
  });

  it.runIf(gcloud)(
    'has commands about the instance that the real gcloud turns into the requests that they are to be',
    async () => {
      await using api = await startApi();
      const folder = await mkdtemp(join(tmpdir(), 'tandem-gcloud-'));
      const env = {
        PATH: process.env.PATH,
        HOME: folder,
        CLOUDSDK_CONFIG: folder,
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
        CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL: api.url,
        CLOUDSDK_CORE_PROJECT: 'my-project',
        CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
        PROJECT: 'my-project',
        REGION: 'europe-west1',
        INSTANCE: 'tandem-mysql',
      };
      // It asks for the password at the terminal.
      const asks = '--prompt-for-password';
      const own = commands.filter(
        (one) => one.startsWith('gcloud sql ') && !one.includes(asks) && !one.includes('…'),
      );
      try {
        const failed: string[] = [];
        await mkdir(join(folder, 'certs'));
        for (const command of own.filter((one) => !/\s(generate-login-token)\b/.test(one))) {
          await run('bash', ['-c', command], { env, cwd: folder }).catch(({ stderr }) =>
            failed.push(`${command}: ${stderr}`),
          );
        }
        expect(failed).toEqual([]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      const at = '/sql/v1beta4/projects/my-project/instances';
      const sent = (line: string) => api.requests.filter((one) => one.line === line).map(({ body }) => body);
      expect(sent(`POST ${at}`)).toMatchObject([
        {
          databaseVersion: 'MYSQL_8_4',
          region: 'europe-west1',
          settings: {
            backupConfiguration: { enabled: true, binaryLogEnabled: true, transactionLogRetentionDays: 7 },
            databaseFlags: expect.arrayContaining([
              { name: 'lower_case_table_names', value: '1' },
              { name: 'max_connections', value: '100' },
            ]),
            deletionProtectionEnabled: true,
            edition: 'ENTERPRISE',
            ipConfiguration: { sslMode: 'ENCRYPTED_ONLY', serverCaMode: 'GOOGLE_MANAGED_INTERNAL_CA' },
          },
        },
      ]);
      expect(sent(`POST ${at}/tandem-mysql/databases`)).toMatchObject([
        { name: 'tandem', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' },
      ]);
      expect(JSON.stringify(sent(`PATCH ${at}/tandem-mysql`))).toContain('203.0.113.7/32');
      expect(sent(`DELETE ${at}/tandem-mysql`)).toHaveLength(1);
    },
    300_000,
  );
});
