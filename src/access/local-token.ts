import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { IssuerConfig } from '../config/groups/access.ts';
import { type ProviderKeys, providerKeysOf } from './provider-keys.ts';

/** The issuer of tokens that `tandem token` makes; a server on loopback accepts them while it has no identity provider. */
export const localIssuer: IssuerConfig = {
  issuer: 'urn:tandem:local',
  audience: ['tandem'],
  algorithms: ['ES256'],
  rolesClaim: 'roles',
};

/** The claims of a local token. */
export interface LocalToken {
  readonly role: string;
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly hours: number;
}

/** Makes a token by the key in a file, and the key where there is none yet; the file is its owner's alone. */
export async function signLocalToken(
  keyFile: string,
  { role, subject, claims, hours }: LocalToken,
): Promise<string> {
  const jwk = (await readKey(keyFile)) ?? (await makeKey(keyFile));
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    ...claims,
    iss: localIssuer.issuer,
    aud: [...localIssuer.audience],
    sub: subject,
    iat: now,
    exp: now + hours * 3600,
    roles: [role],
  })
    .setProtectedHeader({ alg: 'ES256', kid: jwk.kid as string })
    .sign(await importJWK(jwk, 'ES256'));
}

/** @throws Error where there is no key */
export async function loadLocalKeys(keyFile: string): Promise<ProviderKeys> {
  const jwk = await readKey(keyFile);
  if (jwk === undefined) throw new Error('has no local key: run `tandem token` first');
  const { d: _private, ...publicKey } = jwk;
  return providerKeysOf({ keys: [publicKey] });
}

async function readKey(file: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JWK;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeKey(file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk: JWK = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'ES256', use: 'sig' };
  await writePrivately(file, JSON.stringify(jwk));
  return jwk;
}

/** Writes a file that its owner alone may read, whatever the file was before. */
export async function writePrivately(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await rm(file, { force: true });
  await writeFile(file, text, { mode: 0o600, flag: 'wx' });
}
