import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const resource = 'https://ossrdbms-aad.database.windows.net';

/** A stand-in of a metadata service: answers a token where the request is the one that the clouds' pages describe, else 400. */
async function startService(isRight: (request: IncomingMessage, url: URL, body: URLSearchParams) => boolean) {
  const server = createServer(async (request, response) => {
    const body = new URLSearchParams(String(await buffer(request)));
    const right = isRight(request, new URL(request.url ?? '', 'http://service'), body);
    response.statusCode = right ? 200 : 400;
    response.end(
      JSON.stringify(right ? { access_token: 'canary-token', expires_in: 3599 } : { error: 'canary-body' }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

const print = (args: readonly string[], env: Record<string, string>) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ['deploy/tokens/metadata-token.mjs', ...args],
      { env },
      (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      },
    );
  });

const token = { code: 0, stdout: 'canary-token\n', stderr: '' };

it('prints the token of a virtual machine in Azure, of one identity among several', async () => {
  await using service = await startService(
    ({ headers }, { pathname, searchParams }) =>
      pathname === '/metadata/identity/oauth2/token' &&
      headers.metadata === 'true' &&
      searchParams.get('resource') === resource &&
      searchParams.get('client_id') === 'an-id',
  );
  const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://${service.host}` };
  expect(await print(['azure', 'an-id'], env)).toEqual(token);
  expect(await print(['azure'], { ...env, AZURE_CLIENT_ID: 'an-id' })).toEqual(token);
  const { code, stdout, stderr } = await print(['azure', 'another'], env);
  expect([code, stdout, stderr]).toEqual([1, '', 'metadata-token: the service answers 400\n']);
});

it('prints the token of a Container App in Azure', async () => {
  await using service = await startService(
    ({ headers }, { pathname, searchParams }) =>
      pathname === '/msi/token' &&
      headers['x-identity-header'] === 'a-header' &&
      searchParams.get('api-version') === '2019-08-01' &&
      searchParams.get('resource') === resource,
  );
  const env = { IDENTITY_ENDPOINT: `http://${service.host}/msi/token`, IDENTITY_HEADER: 'a-header' };
  expect(await print(['azure'], env)).toEqual(token);
});

it('prints the token of a workload of Kubernetes in Azure', async () => {
  await using service = await startService(
    ({ method }, { pathname }, body) =>
      method === 'POST' &&
      pathname === '/a-tenant/oauth2/v2.0/token' &&
      body.get('client_assertion') === 'signed-by-the-cluster' &&
      body.get('client_id') === 'an-id' &&
      body.get('scope') === `${resource}/.default`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'tandem-federated-'));
  const file = join(folder, 'token');
  await writeFile(file, 'signed-by-the-cluster\n');
  const env = { AZURE_FEDERATED_TOKEN_FILE: file, AZURE_TENANT_ID: 'a-tenant', AZURE_CLIENT_ID: 'an-id' };
  expect(await print(['azure'], { ...env, AZURE_AUTHORITY_HOST: `http://${service.host}/` })).toEqual(token);
  await rm(folder, { recursive: true });
});

it('prints the token of a service account of Google', async () => {
  await using service = await startService(
    ({ headers }, { pathname, searchParams }) =>
      pathname === '/computeMetadata/v1/instance/service-accounts/default/token' &&
      headers['metadata-flavor'] === 'Google' &&
      searchParams.get('scopes') === 'https://www.googleapis.com/auth/sqlservice.login',
  );
  const env = { GCE_METADATA_HOST: service.host };
  expect(await print(['gcp'], env)).toEqual(token);
  expect(await print(['aws'], env)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/azure nor gcp/),
  });
  expect((await print(['gcp'], { GCE_METADATA_HOST: '127.0.0.1:1' })).code).toBe(1);
});
