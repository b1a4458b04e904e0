import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { decodeJwt } from 'jose';
import { LRUCache } from 'lru-cache';
import type { AuthConfig } from '../config/groups/access.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Log } from '../log/log.ts';
import { type ApiKeys, findApiKey, loadApiKeys } from './api-keys.ts';
import { type Credential, credentialOf } from './credentials.ts';
import { type Identity, openIdentity } from './identity.ts';
import { loadLocalKeys, localIssuer } from './local-token.ts';
import { hasSameKeys, loadProviderKeys, type ProviderKeys } from './provider-keys.ts';
import { refreshed } from './refresh-keys.ts';
import { type Issuer, unauthenticated, type Verified, verifyToken } from './verify-token.ts';

/** Tells who sends a request. */
export interface Authenticator {
  /**
   * Identifies the sender: at once where its token is known already.
   *
   * @throws TandemError UNAUTHENTICATED, BAD_REQUEST, IDENTITY_PROVIDER_UNAVAILABLE
   */
  identify(request: Pick<IncomingMessage, 'rawHeaders'>): Identity | Promise<Identity>;
  close(): void;
}

interface Clocks {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** A clock that never goes back, in milliseconds. */
  readonly clock?: () => number;
}

/** Tokens that are kept as verified: each takes some KiB. */
const mostVerified = 5000;

/** Milliseconds after which a provider's keys, and the list of API keys, are loaded again. */
const providerKeysMs = 600_000;
const apiKeysMs = 60_000;

export function createAuthenticator(
  { mode, issuers, apiKeys, leewayMs, localKeyFile }: AuthConfig,
  log: Log,
  { now = Date.now, clock = () => performance.now() }: Clocks = {},
): Authenticator {
  const closing = new AbortController();
  /** By the SHA-256 of their tokens, which are kept nowhere. */
  const verified = new LRUCache<string, Verified & Pick<Issuer, 'keys'>>({ max: mostVerified });
  /** A verification by keys that the provider has withdrawn does not count. */
  let generation = 0;
  const forget = () => {
    generation += 1;
    verified.clear();
  };

  const warn = (about: object, error: unknown, text: string) => {
    if (!closing.signal.aborted) log.warn({ ...about, reason: reasonOf(error) }, text);
  };

  const providers: Issuer[] = issuers.map((settings) => {
    const { issuer } = settings;
    const keys = refreshed<ProviderKeys>(
      () => loadProviderKeys(settings, closing.signal).catch(throwUnavailable),
      {
        everyMs: providerKeysMs,
        clock,
        isSame: hasSameKeys,
        changed({ keys }) {
          forget();
          log.info({ issuer, keys: keys.length }, 'keys of the identity provider loaded');
        },
        failed: (error) => warn({ issuer }, error, 'keys of the identity provider not loaded'),
      },
    );
    return { settings, keys };
  });
  if (localKeyFile !== undefined) {
    const keys = refreshed<ProviderKeys>(() => loadLocalKeys(localKeyFile).catch(throwUnavailable), {
      everyMs: providerKeysMs,
      clock,
      isSame: hasSameKeys,
      changed: forget,
    });
    providers.push({ settings: localIssuer, keys });
  }
  const machines =
    apiKeys &&
    refreshed<ApiKeys>(() => loadApiKeys(apiKeys, closing.signal).catch(throwUnavailable), {
      everyMs: apiKeysMs,
      clock,
      isSame: isDeepStrictEqual,
      changed: ({ size }) => log.info({ keys: size }, 'API keys loaded'),
      failed: (error) => warn({}, error, 'API keys not loaded'),
    });
  // By the time of the first request they are there. Where they are not, that request waits for them.
  for (const { settings, keys } of providers) if (settings !== localIssuer) keys.touch();
  machines?.touch();

  const proxyHeaders = new Set(issuers.flatMap(({ header }) => header ?? []));

  async function verify({ token, header }: Credential, digest: string): Promise<Identity> {
    if (header === null && !token.includes('.')) {
      return apiKeyOf(token, await machines?.get(), now());
    }
    const issuer = issuerOf(token);
    const provider = providers.find(
      ({ settings }) => settings.issuer === issuer && (settings.header ?? null) === header,
    );
    if (provider === undefined) throw unauthenticated('The token is from no issuer that this server knows.');
    const before = generation;
    const found = await verifyToken(token, provider, { leewayMs, now: now() });
    if (before === generation) verified.set(digest, { ...found, keys: provider.keys });
    return found.identity;
  }

  return {
    identify(request) {
      const credential = credentialOf(request, proxyHeaders);
      if (credential === null) {
        if (mode === 'open') return openIdentity;
        throw unauthenticated();
      }
      // The header is part of it: a proxy's token is none of a client's.
      const digest = hash('sha256', `${credential.header}\n${credential.token}`, 'base64');
      const known = verified.get(digest);
      if (known === undefined || known.keys.isOverdue()) return verify(credential, digest);
      known.keys.touch();
      if (known.until > now()) return known.identity;
      verified.delete(digest);
      throw unauthenticated('The token has expired.');
    },
    close: () => closing.abort(),
  };
}

function apiKeyOf(text: string, keys: ApiKeys | undefined, now: number): Identity {
  const key = keys && findApiKey(keys, text);
  if (key === undefined) throw unauthenticated('The token is neither a JSON Web Token nor a known API key.');
  if (key.until <= now) throw unauthenticated('The API key has expired.');
  return key.identity;
}

/** The issuer that a token claims, by which the keys are chosen; the claim is not verified yet. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    throw unauthenticated('The token is no JSON Web Token.');
  }
}

function throwUnavailable(cause: unknown): never {
  throw new TandemError('IDENTITY_PROVIDER_UNAVAILABLE', { cause });
}

/** Why nothing was loaded. Neither code nor text holds a token, and fetch's own text says only that it failed. */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause: Error };
  const { code, message } = Object(cause.cause) as { readonly code?: string; readonly message?: string };
  return code ?? message ?? cause.message;
}
