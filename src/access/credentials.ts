import type { IncomingMessage } from 'node:http';
import { TandemError } from '../errors/tandem-error.ts';

/** Characters of a token at most; Entra's with many groups have some thousands. */
const mostCharacters = 8192;

const authorization = 'authorization';

/** The proof of identity that a request brings. */
export interface Credential {
  readonly token: string;
  /** The header of a proxy that it came in; null for Authorization. */
  readonly header: string | null;
}

/**
 * Reads the one token of a request: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 *
 * @param proxyHeaders other headers that carry tokens, in lower case
 * @returns null where there is none
 * @throws TandemError BAD_REQUEST for more than one, UNAUTHENTICATED for what is none
 */
export function credentialOf(
  { rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>,
  proxyHeaders: ReadonlySet<string> = new Set(),
): Credential | null {
  // Node keeps the first Authorization and drops others, which a proxy before it may have looked at.
  let found: Credential | null = null;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    // Most headers have a name of another length, which needs no look at its letters.
    if (proxyHeaders.size === 0 && rawHeaders[at]?.length !== authorization.length) continue;
    const name = (rawHeaders[at] as string).toLowerCase();
    const isProxys = proxyHeaders.has(name);
    if (name !== authorization && !isProxys) continue;
    if (found !== null) {
      throw new TandemError('BAD_REQUEST', {
        message: 'The request has several tokens: send one, in one header.',
      });
    }
    const value = rawHeaders[at + 1] as string;
    found = isProxys ? { token: bounded(value), header: name } : { token: bearerOf(value), header: null };
  }
  return found;
}

function bearerOf(value: string): string {
  const token = /^bearer +(\S+) *$/i.exec(bounded(value))?.[1];
  if (token !== undefined) return token;
  throw new TandemError('UNAUTHENTICATED', {
    message: 'The Authorization header is not of the form Bearer TOKEN.',
  });
}

function bounded(value: string): string {
  if (value.length <= mostCharacters) return value;
  throw new TandemError('UNAUTHENTICATED', {
    message: `The token is longer than ${mostCharacters} characters.`,
  });
}
