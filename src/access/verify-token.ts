import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { IssuerConfig } from '../config/groups/access.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Identity } from './identity.ts';
import type { ProviderKeys } from './provider-keys.ts';
import type { Refreshed } from './refresh-keys.ts';
import { rolesOf } from './roles-of.ts';

/** A token that was found good, and until when it is, in milliseconds since 1970. */
export interface Verified {
  readonly identity: Identity;
  readonly until: number;
}

export interface Issuer {
  readonly settings: IssuerConfig;
  readonly keys: Refreshed<ProviderKeys>;
}

/** Keys that are tried where a token does not name its own. */
const mostTried = 10;

/**
 * Verifies a JSON Web Token: signature, algorithm, issuer, audience and times, as RFC 8725 wants it
 * (https://www.rfc-editor.org/rfc/rfc8725). Keys are the provider's alone: what the token itself brings or points to is ignored.
 *
 * @param now milliseconds since 1970
 * @throws TandemError UNAUTHENTICATED, or IDENTITY_PROVIDER_UNAVAILABLE where no key is known
 */
export async function verifyToken(
  token: string,
  { settings, keys }: Issuer,
  { leewayMs, now }: { readonly leewayMs: number; readonly now: number },
): Promise<Verified> {
  const options: JWTVerifyOptions = {
    algorithms: [...settings.algorithms],
    issuer: settings.issuer,
    audience: [...settings.audience],
    clockTolerance: leewayMs / 1000,
    requiredClaims: ['iss', 'aud', 'sub', 'exp'],
    currentDate: new Date(now),
    ...(settings.typ !== undefined && { typ: settings.typ }),
  };
  const claims = await verifyWithRotation(token, keys, options);
  if (typeof claims.sub !== 'string' || claims.sub === '')
    throw unauthenticated('The token names no subject.');
  return {
    identity: {
      kind: 'token',
      subject: claims.sub,
      issuer: settings.issuer,
      roles: rolesOf(claims, settings),
      claims,
    },
    until: (claims.exp as number) * 1000 + leewayMs,
  };
}

/** A provider may sign with a key that it has only just made: then its keys are asked for once more. */
async function verifyWithRotation(
  token: string,
  keys: Refreshed<ProviderKeys>,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  const known = await keys.get();
  try {
    return await verifyWith(token, known, options);
  } catch (error) {
    if (!(await hasRotated(keys, error))) throw refusalOf(error);
  }
  try {
    return await verifyWith(token, await keys.get(), options);
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Whether a key that the token's header names, and that was not the right one or not there, may be another now. */
async function hasRotated(keys: Refreshed<ProviderKeys>, error: unknown): Promise<boolean> {
  // Without its key, nothing can be said of a token: not even that it is wrong.
  if (error instanceof errors.JWKSNoMatchingKey) return keys.reload();
  return error instanceof errors.JWSSignatureVerificationFailed && keys.reload().catch(() => false);
}

async function verifyWith(
  token: string,
  { find }: ProviderKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, find, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (failure) {
        tried += 1;
        if (!(failure instanceof errors.JWSSignatureVerificationFailed) || tried >= mostTried) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** The part of a token's refusal that may be public: the rule that it breaks, and no value. */
const byClaim: Readonly<Record<string, string>> = {
  iss: 'The token is from another issuer.',
  aud: 'The token is for another audience.',
  nbf: 'The token is not valid yet.',
  typ: 'The token is of another type.',
};

function refusalOf(error: unknown): TandemError {
  if (error instanceof TandemError) return error;
  if (error instanceof errors.JWTExpired) return unauthenticated('The token has expired.', error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    const known = error.reason === 'missing' ? undefined : byClaim[error.claim];
    return unauthenticated(known ?? 'The token lacks a claim that it needs: iss, aud, sub and exp.', error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return unauthenticated('The token is signed by an algorithm that is not allowed here.', error);
  if (error instanceof errors.JWKSNoMatchingKey)
    return unauthenticated('The token is signed by a key that its issuer does not publish.', error);
  return unauthenticated('The token’s signature does not hold.', error);
}

export function unauthenticated(message?: string, cause?: unknown): TandemError {
  return new TandemError('UNAUTHENTICATED', { ...(message && { message }), cause });
}
