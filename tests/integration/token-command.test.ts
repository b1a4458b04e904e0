import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { tandem } from '../helpers/run-command-line.ts';
import { startServer } from '../helpers/server.ts';

let databases: TestDatabases;
let directory: string;

beforeAll(async () => {
  databases = await createDatabases();
  directory = await mkdtemp(join(tmpdir(), 'tandem-token-'));
});
afterAll(async () => databases?.[Symbol.asyncDispose]());

const token = (...args: string[]) =>
  tandem(['token', ...args], {}, { localHome: join(directory, '.tandem') });
const query = '{ doctors(source: AZURE) { totalCount } patients(source: AZURE) { nodes { lastName } } }';

async function ask(url: string, bearer: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as {
    data?: object;
    errors?: { extensions: { code: string } }[];
  };
  return { status: response.status, data, code: errors?.[0]?.extensions.code };
}

it('writes a token into a file of its owner’s, which a server on loopback accepts in its role', async () => {
  const out = join(directory, 'token');
  await writeFile(out, 'old', { mode: 0o644 });
  const { code, stdout, stderr } = await token('--role', 'doctor', '--claim', 'licence=L-1', '--out', out);
  expect([code, stdout]).toEqual([0, '']);
  const text = await readFile(out, 'utf8');
  expect(stderr).toContain(out);
  expect(stderr).not.toContain(text);
  for (const file of [out, join(directory, '.tandem/token-key.json')]) {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
  const { auth } = loadConfig(environmentOf(databases.config), directory);
  await using server = await startServer({ ...databases.config, auth });
  expect(await ask(server.url, text)).toEqual({
    status: 200,
    data: { doctors: { totalCount: 0 }, patients: { nodes: [] } },
    code: undefined,
  });
  const analyst = await token('--role', 'analyst', '--print');
  expect((await ask(server.url, analyst.stdout.trim())).code).toBe('GRAPHQL_VALIDATION_FAILED');
  expect((await server.ask(query)).errors).toBeUndefined();
  expect(server.log.join('')).not.toMatch(/eyJ/);
  expect((await ask(server.url, `${text}x`)).status).toBe(401);
});

it('accepts none beyond loopback, nor beside an identity provider', () => {
  const of = (settings: Record<string, string>) =>
    loadConfig({ ...environmentOf(databases.config), ...settings }, directory).auth.localKeyFile;
  expect(of({})).toBe(join(directory, '.tandem/token-key.json'));
  expect(of({ ALLOWED_HOSTS: 'api.example.org', AUTH: 'none' })).toBeUndefined();
  expect(of({ AUTH_ISSUERS: '[{"issuer":"https://idp.example","audience":"a"}]' })).toBeUndefined();
});

it('refuses a role that there is not, and a claim without a value', async () => {
  expect(await token('--role', 'king', '--print')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('king is no role. Roles: administrator, doctor, analyst, operator.'),
  });
  expect((await token('--role', 'doctor', '--claim', 'licence')).code).toBe(1);
});
