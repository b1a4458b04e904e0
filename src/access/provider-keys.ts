import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { createLocalJWKSet, type JSONWebKeySet, type JWK } from 'jose';
import type { IssuerConfig } from '../config/groups/access.ts';
import { fetchJson } from './fetch-json.ts';

/** The public keys of a provider, and the way from a token's header to one of them. */
export interface ProviderKeys {
  readonly keys: readonly JWK[];
  readonly find: ReturnType<typeof createLocalJWKSet>;
}

/** Keys that a provider has at most: those in use, and those that are about to be. */
const mostKeys = 100;

/** Milliseconds that a provider has for its keys, discovery included. */
const loadTimeoutMs = 5000;

/**
 * Loads the keys of a provider: from the address in its settings, or from where its discovery document says.
 * https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 *
 * @throws Error whose message goes on after the provider's name
 */
export async function loadProviderKeys(
  { issuer, jwksUri }: Pick<IssuerConfig, 'issuer' | 'jwksUri'>,
  closing: AbortSignal,
): Promise<ProviderKeys> {
  // For both steps together: a request can wait for them.
  const signal = AbortSignal.any([closing, AbortSignal.timeout(loadTimeoutMs)]);
  const address = jwksUri ?? (await discover(issuer, signal));
  return providerKeysOf(await fetchJson(address, signal));
}

async function discover(issuer: string, signal: AbortSignal): Promise<string> {
  const document = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, signal);
  const { issuer: named, jwks_uri: uri } = Object(document) as Record<string, unknown>;
  // Section 4.3: one that names another issuer could be that of an attacker, who serves it from here.
  if (named !== issuer) throw new Error('its discovery document names another issuer');
  if (typeof uri !== 'string') throw new Error('its discovery document has no jwks_uri');
  return uri;
}

/** @throws Error where the JSON is no set of public keys */
export function providerKeysOf(json: unknown): ProviderKeys {
  const { keys } = Object(json) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('its answer is no set of keys');
  if (keys.length > mostKeys) throw new Error(`it has more than ${mostKeys} keys`);
  const usable = keys.filter(isUsable);
  return { keys: usable, find: createLocalJWKSet({ keys: usable } as JSONWebKeySet) };
}

/** A secret that all can read proves nothing, encryption keys sign nothing, and what is no key must not stand in the way of one. */
function isUsable(key: unknown): key is JWK {
  const { kty, use = 'sig' } = Object(key) as JWK;
  if (kty === 'oct' || use !== 'sig') return false;
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    // https://www.rfc-editor.org/rfc/rfc7518#section-3.3
    return (asymmetricKeyDetails?.modulusLength ?? 2048) >= 2048;
  } catch {
    return false;
  }
}

export function hasSameKeys(one: ProviderKeys, other: ProviderKeys): boolean {
  return isDeepStrictEqual(one.keys, other.keys);
}
