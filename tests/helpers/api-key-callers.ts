import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthConfig } from '../../src/config/groups/access.ts';
import type { Answer, TestServer } from './server.ts';

/** A caller of a test: an API key with roles and claims. */
export interface TestCaller {
  readonly roles: readonly string[];
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Lets in callers by API keys, each of which is the caller's name. */
export async function authFor(callers: Readonly<Record<string, TestCaller>>): Promise<AuthConfig> {
  const file = join(await mkdtemp(join(tmpdir(), 'tandem-callers-')), 'keys.json');
  const keys = Object.entries(callers).map(([name, { roles, claims = {} }]) => ({
    name,
    sha256: createHash('sha256').update(name).digest('hex'),
    roles,
    claims,
  }));
  await writeFile(file, JSON.stringify(keys));
  return { mode: 'required', issuers: [], apiKeys: { file }, leewayMs: 0 };
}

/** Sends an operation as one of them. */
export async function askAs(
  { url }: Pick<TestServer, 'url'>,
  caller: string,
  query: string,
  variables?: Record<string, unknown>,
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${caller}` },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as object;
  return { status: response.status, headers: response.headers, ...body } as Answer;
}
